"""PyMongo and GridFS behind explicit verbs. BSON stops here: no dict and no ObjectId crosses outward."""
