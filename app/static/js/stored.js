// The page says that a form was stored, so its draft is no longer needed.
import { settle } from './editor-drafts.js';

export function mount() {
  settle();
}
