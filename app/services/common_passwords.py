"""The commonest passwords, spelled out as the few habits that produce them.

People take a word, a name, a walk over the keyboard or a run of digits, and add a short ending; lists of
leaked passwords consist of little else. So the words, walks and endings are listed here, and combined.
"""

from functools import lru_cache


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_WORDS = _listed("""
password passwort motdepasse contrasena senha parola wachtwoord haslo passwd passcode welcome willkommen
bienvenue letmein openup login admin administrator root guest user test tester testing default changeme
secret master manager system server service support office company internet computer laptop desktop network
windows microsoft google facebook youtube twitter instagram linkedin amazon apple android samsung iloveyou
loveyou lovely lover forever friends friendship family mother father mommy daddy brother sister baby
babygirl babyboy princess prince queen king angel angels sweetie sweetheart honey darling cutie sunshine
sunflower rainbow butterfly flower rose lily daisy summer winter spring autumn january february march april
august september october november december monday friday sunday weekend holiday christmas football soccer
baseball basketball hockey tennis golf cricket rugby volleyball liverpool chelsea arsenal barcelona
realmadrid juventus manchester bayern dortmund yankees cowboys steelers lakers eagles packers superman
batman spiderman ironman wolverine pokemon pikachu naruto starwars startrek starcraft warcraft minecraft
fortnite roblox nintendo playstation xbox matrix avatar hobbit gandalf harrypotter hogwarts dragon phoenix
monster vampire zombie ninja samurai pirate wizard warrior hunter shadow silver golden diamond crystal
thunder lightning storm blaze killer predator ranger soldier marine trustno whatever nothing something
monkey tiger lion panther jaguar cheetah leopard elephant dolphin turtle rabbit bunny kitten kitty puppy
doggy buster charlie bailey cooper molly lucky bear rocky ginger pepper cookie chocolate cheese banana
orange strawberry cherry peach lemon coffee pizza chicken cupcake candy sugar vanilla michael jennifer
jessica ashley amanda daniel joshua matthew andrew christopher anthony robert william thomas richard joseph
george nicole michelle elizabeth samantha stephanie victoria alexander alexandra benjamin jonathan nicholas
patrick patricia sandra maria martin peter stefan andreas sebastian florian katharina nathalie isabelle
valentina francesco alessandro giovanni carlos fernando alejandro mohammed muhammad ahmed hannah sophia
olivia emma charlotte madison taylor jordan justin brandon austin dallas chicago london paris berlin vienna
austria germany france england america canada brazil mexico india china japan australia europe mercedes
ferrari porsche corvette mustang camaro harley yamaha honda toyota hello hallo bonjour ciao salut freedom
liberty peace heaven jesus christ jesuschrist blessed faith money dollar million success winner champion
number access security private public database woaini woaiwojia zhongguo beijing shanghai qingfeng wodemima
qwerty qwertz azerty asdf asdfgh zxcvbn qazwsx abc abcd abcdef abcdefg aaa xxx qwe asd zxc pass love sexy
""")

_WALKS = _listed("""
qwertyuiop qwertyui qwertyuio qwertzuiop qwertzui azertyuiop azertyui asdfghjkl asdfghjk asdfjkl; zxcvbnm,
zxcvbnmasdf qwerasdf qwerasdfzxcv qweasdzxc asdqwe123 qazwsxedc qazwsxedcrfv 1qaz2wsx 1qaz2wsx3edc zaq12wsx
zaq1zaq1 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qwer1234 1234qwer asdf1234
1234asdf zxcv1234 abcd1234 1234abcd a1b2c3d4 a1s2d3f4 aa123456 a1234567 a12345678 a123456789 123456aa
123456789a 12345678a 1234567a q123456789 qwe123456 123qweasd 123qwe123 qwe123qwe 123abc123 abc123abc
abcdefgh abcdefghi abcdefghij abcdefghijk zyxwvuts 0987654321 987654321 87654321 9876543210 1234567890
0123456789 01234567 147258369 147852369 159753159 741852963 789456123 123654789 963852741 321654987
159357159 13579135 24682468 12341234 123123123 123321123 12344321 12345543 123454321 1234554321 112233445566
11223344 1122334455 12121212 10101010 20202020 69696969 52013145 5201314520 14789632 31415926 314159265
27182818 00000007 letmeinnow iamthebest thisismypassword mypassword ilovemyself iloveyousomuch nopassword
notapassword yourpassword correcthorsebatterystaple opensesame supersecret topsecret trustnoone
""")

_ENDINGS = (
    ["", "!", "!!", "?", ".", "*", "#", "@", "1!", "12!", "123!", "1234!", "@1", "@12", "@123", "#1", "_1"]
    + ["123456789"[:length] for length in range(1, 10)]
    + ["321", "54321", "00", "000", "01", "07", "007", "0000", "666", "777", "888", "999", "69", "420", "520"]
    + ["1314", "123123", "abc", "qwe", "xyz", "me", "you"]
    + [str(digit) * times for digit in range(10) for times in (1, 2)]
    + [str(year) for year in range(1950, 2036)]
    + [f"{year % 100:02}" for year in range(1950, 2036)]
)
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)


def is_common(password: str) -> bool:
    """Say whether the password is one of the commonest, whatever its case and with ``p@ssw0rd`` spelling."""
    folded = password.strip().casefold()
    return _is_run(folded) or _is_repetition(folded) or _is_date(folded) or _is_combination(folded)


def _is_combination(folded: str) -> bool:
    words = _words()
    if folded in words or folded.translate(_LEET) in words:
        return True
    endings = (ending for ending in _ENDINGS if ending and folded.endswith(ending))
    cores = (folded.removesuffix(ending) for ending in endings)
    return any(core in words or core.translate(_LEET) in words for core in cores)


def _is_run(folded: str) -> bool:
    upward = "01234567890123456789"
    return folded in upward or folded in upward[::-1]


def _is_repetition(folded: str) -> bool:
    # One to four characters over and over: aaaaaaaa, 12121212, abcabcabc.
    return any(
        len(folded) >= 2 * width and (folded[:width] * len(folded)).startswith(folded)
        for width in range(1, 5)
    )


def _is_date(folded: str) -> bool:
    digits = folded.replace(".", "").replace("-", "").replace("/", "")
    if len(digits) != 8 or not digits.isascii() or not digits.isdigit():
        return False
    return any(
        1900 <= int(year) <= 2035 and int(first) <= 31 and int(second) <= 31
        for year, first, second in (
            (digits[4:], digits[:2], digits[2:4]),
            (digits[:4], digits[4:6], digits[6:]),
        )
    )


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    return frozenset(_WORDS) | frozenset(_WALKS) | frozenset(word * 2 for word in _WORDS)
