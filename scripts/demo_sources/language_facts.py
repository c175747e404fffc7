"""What linguist does not say about the best-known languages: common knowledge, with the official site as source.

``WELL_KNOWN`` describes a language in full, ``DATED`` gives the year of its first appearance and its designers.
"""

# Rows of tables stay on one line each.
# ruff: noqa: E501

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """Facts of one language. ``traits`` are letters of ``TRAITS``; a trait that is not named is absent."""

    year: int
    designers: str
    steward: str
    paradigms: str
    typing: str
    memory: str
    execution: str
    influences: str
    parent: str
    website: str
    standard: str
    package_manager: str
    traits: str


# letter → column
TRAITS = {
    "S": "Statically typed",
    "G": "Garbage collected",
    "N": "Generics",
    "P": "Pattern matching",
    "A": "Async/await syntax",
    "X": "Exceptions",
    "V": "Operator overloading",
    "I": "Interactive shell included",
}

_MULTI = "Imperative, Object-oriented, Functional"
_PROC = "Imperative, Procedural"
_OO = "Object-oriented, Imperative"
_GC = "Tracing garbage collection"
_MANUAL = "Manual"
_JVM = "Compiled to JVM bytecode"
_NATIVE = "Compiled to native code"
_NET = "Compiled to .NET bytecode"
_BEAM = "Compiled to BEAM bytecode"

WELL_KNOWN: dict[str, Known] = {
    "Python": Known(1991, "Guido van Rossum", "Python Software Foundation", _MULTI, "Dynamic, Strong, Gradual", "Reference counting with cycle collection", "Compiled to bytecode, interpreted", "ABC, Modula-3, C, Haskell, Perl, Lisp", "", "https://www.python.org/", "", "pip", "GPAXVI"),
    "C++": Known(1985, "Bjarne Stroustrup", "ISO/IEC JTC 1/SC 22/WG 21", "Imperative, Object-oriented, Generic, Functional", "Static, Nominal", "Manual, RAII and smart pointers", _NATIVE, "C, Simula, ALGOL 68, Ada, ML, CLU", "C", "https://isocpp.org/", "ISO/IEC 14882", "", "SNXV"),
    "Rust": Known(2012, "Graydon Hoare", "Rust Foundation", "Imperative, Functional, Generic, Concurrent", "Static, Strong, Inferred", "Ownership and borrowing", _NATIVE, "C++, OCaml, Standard ML, Haskell, Erlang, Cyclone, Ruby, Swift", "", "https://www.rust-lang.org/", "", "Cargo", "SNPAV"),
    "C": Known(1972, "Dennis Ritchie", "ISO/IEC JTC 1/SC 22/WG 14", _PROC, "Static, Weak", _MANUAL, _NATIVE, "B, BCPL, ALGOL 68, PL/I, Fortran", "B", "https://www.open-std.org/jtc1/sc22/wg14/", "ISO/IEC 9899", "", "S"),
    "Java": Known(1995, "James Gosling", "Oracle", "Object-oriented, Imperative, Generic, Functional", "Static, Strong, Nominal", _GC, _JVM, "C++, Objective-C, Smalltalk, Ada, Modula-3, Eiffel", "", "https://dev.java/", "Java Language Specification", "Maven, Gradle", "SGNPXI"),
    "JavaScript": Known(1995, "Brendan Eich", "Ecma International TC39", "Imperative, Object-oriented (prototypes), Functional, Event-driven", "Dynamic, Weak", _GC, "Just-in-time compiled", "Scheme, Self, Java, AWK, Perl, HyperTalk", "", "https://developer.mozilla.org/docs/Web/JavaScript", "ECMA-262", "npm", "GAX"),
    "TypeScript": Known(2012, "Anders Hejlsberg", "Microsoft", "Imperative, Object-oriented, Functional", "Static, Structural, Gradual, Inferred", _GC, "Compiled to JavaScript", "JavaScript, C#, ActionScript", "JavaScript", "https://www.typescriptlang.org/", "", "npm", "SGNAX"),
    "C#": Known(2000, "Anders Hejlsberg", "Microsoft", "Object-oriented, Imperative, Functional, Generic", "Static, Strong, Nominal, Inferred", _GC, _NET, "C++, Java, Delphi, Eiffel, F#, Haskell", "", "https://dotnet.microsoft.com/languages/csharp", "ECMA-334", "NuGet", "SGNPAXV"),
    "Go": Known(2009, "Robert Griesemer, Rob Pike, Ken Thompson", "Google", "Imperative, Concurrent, Structured", "Static, Strong, Structural, Inferred", _GC, _NATIVE, "C, Oberon, Pascal, Limbo, Newsqueak", "", "https://go.dev/", "The Go Programming Language Specification", "Go modules", "SGN"),
    "Kotlin": Known(2011, "JetBrains", "Kotlin Foundation", "Object-oriented, Functional, Imperative", "Static, Strong, Nominal, Inferred, Null-safe", _GC, "Compiled to JVM bytecode, JavaScript or native code", "Java, Scala, Groovy, C#, Gosu", "", "https://kotlinlang.org/", "", "Maven, Gradle", "SGNXVI"),
    "Swift": Known(2014, "Chris Lattner", "Apple", "Object-oriented, Functional, Protocol-oriented, Imperative", "Static, Strong, Inferred, Null-safe", "Automatic reference counting", _NATIVE, "Objective-C, Rust, Haskell, Ruby, Python, C#", "Objective-C", "https://www.swift.org/", "", "Swift Package Manager", "SNPAXVI"),
    "Ruby": Known(1995, "Yukihiro Matsumoto", "Ruby core team", "Object-oriented, Imperative, Functional", "Dynamic, Strong, Duck typing", _GC, "Compiled to bytecode, interpreted", "Perl, Smalltalk, Eiffel, Ada, Lisp, Python", "", "https://www.ruby-lang.org/", "ISO/IEC 30170", "RubyGems", "GPXVI"),
    "PHP": Known(1995, "Rasmus Lerdorf", "The PHP Group", "Imperative, Object-oriented, Functional", "Dynamic, Weak, Gradual", "Reference counting with cycle collection", "Compiled to bytecode, interpreted", "Perl, C, C++, Java, Tcl", "", "https://www.php.net/", "", "Composer", "GXI"),
    "Perl": Known(1987, "Larry Wall", "The Perl Foundation", _MULTI, "Dynamic", "Reference counting", "Interpreted", "C, AWK, sed, Unix shell, Lisp", "", "https://www.perl.org/", "", "CPAN", "GXV"),
    "R": Known(1993, "Ross Ihaka, Robert Gentleman", "R Core Team", "Functional, Object-oriented, Array", "Dynamic", _GC, "Interpreted", "S, Scheme, Lisp", "", "https://www.r-project.org/", "", "CRAN", "GXVI"),
    "Julia": Known(2012, "Jeff Bezanson, Stefan Karpinski, Viral B. Shah, Alan Edelman", "JuliaLang", "Multiple dispatch, Imperative, Functional, Array", "Dynamic, Strong, Nominal, Parametric", _GC, "Just-in-time compiled", "Lisp, MATLAB, Python, R, Ruby, Lua", "", "https://julialang.org/", "", "Pkg", "GNXVI"),
    "Scala": Known(2004, "Martin Odersky", "EPFL", "Object-oriented, Functional", "Static, Strong, Inferred", _GC, _JVM, "Java, Haskell, Standard ML, OCaml, Erlang, Smalltalk", "", "https://www.scala-lang.org/", "", "sbt", "SGNPXVI"),
    "Haskell": Known(1990, "Haskell committee", "Haskell Foundation", "Functional, Lazy", "Static, Strong, Inferred", _GC, _NATIVE, "Miranda, ML, Lisp, Scheme", "", "https://www.haskell.org/", "Haskell 2010 Report", "Cabal, Stack", "SGNPXVI"),
    "OCaml": Known(1996, "Xavier Leroy, Damien Doligez, Jérôme Vouillon, Didier Rémy", "Inria", _MULTI, "Static, Strong, Inferred", _GC, "Compiled to native code or bytecode", "Caml Light, Standard ML", "", "https://ocaml.org/", "", "opam", "SGNPXI"),
    "F#": Known(2005, "Don Syme", "Microsoft", "Functional, Object-oriented, Imperative", "Static, Strong, Inferred", _GC, _NET, "OCaml, C#, Haskell, Erlang, Python", "OCaml", "https://fsharp.org/", "", "NuGet", "SGNPXVI"),
    "Clojure": Known(2007, "Rich Hickey", "Clojure core team", "Functional, Concurrent", "Dynamic, Strong", _GC, _JVM, "Lisp, ML, Haskell, Erlang", "Common Lisp", "https://clojure.org/", "", "Leiningen, Clojure CLI", "GXI"),
    "Common Lisp": Known(1984, "Scott Fahlman, Richard P. Gabriel, David A. Moon, Guy L. Steele Jr., Daniel Weinreb", "ANSI", "Functional, Object-oriented, Imperative, Metaprogramming", "Dynamic, Strong", _GC, _NATIVE, "Lisp, Maclisp, Interlisp, Scheme", "", "https://common-lisp.net/", "ANSI INCITS 226-1994", "Quicklisp", "GXI"),
    "Scheme": Known(1975, "Guy L. Steele Jr., Gerald Jay Sussman", "Scheme Steering Committee", "Functional, Imperative, Metaprogramming", "Dynamic, Strong", _GC, "Depends on the implementation", "Lisp, ALGOL", "", "https://www.scheme.org/", "R7RS", "", "GXI"),
    "Elixir": Known(2012, "José Valim", "Elixir core team", "Functional, Concurrent", "Dynamic, Strong", _GC, _BEAM, "Erlang, Ruby, Clojure", "Erlang", "https://elixir-lang.org/", "", "Hex", "GPXI"),
    "Erlang": Known(1986, "Joe Armstrong, Robert Virding, Mike Williams", "Ericsson", "Functional, Concurrent", "Dynamic, Strong", _GC, _BEAM, "Prolog, Smalltalk, Lisp", "", "https://www.erlang.org/", "", "Hex", "GPXI"),
    "Dart": Known(2011, "Lars Bak, Kasper Lund", "Google", "Object-oriented, Imperative, Functional", "Static, Strong, Inferred, Null-safe", _GC, "Compiled to native code or JavaScript", "Java, JavaScript, C#, Smalltalk", "", "https://dart.dev/", "ECMA-408", "pub", "SGNPAXV"),
    "Lua": Known(1993, "Roberto Ierusalimschy, Waldemar Celes, Luiz Henrique de Figueiredo", "PUC-Rio", "Imperative, Functional, Object-oriented (prototypes)", "Dynamic, Strong", _GC, "Compiled to bytecode, interpreted", "Scheme, SNOBOL, Modula, CLU, C++", "", "https://www.lua.org/", "", "LuaRocks", "GVI"),
    "Objective-C": Known(1984, "Brad Cox, Tom Love", "Apple", "Object-oriented, Imperative, Reflective", "Static, Dynamic, Weak", "Automatic reference counting", _NATIVE, "C, Smalltalk", "C", "https://developer.apple.com/library/archive/documentation/Cocoa/Conceptual/ProgrammingWithObjectiveC/", "", "CocoaPods", "SX"),
    "Pascal": Known(1970, "Niklaus Wirth", "", _PROC, "Static, Strong", _MANUAL, _NATIVE, "ALGOL W, Simula", "ALGOL", "https://www.freepascal.org/", "ISO 7185", "", "S"),
    "Fortran": Known(1957, "John Backus", "ISO/IEC JTC 1/SC 22/WG 5", "Imperative, Procedural, Array, Object-oriented", "Static, Strong", _MANUAL, _NATIVE, "Speedcoding", "", "https://fortran-lang.org/", "ISO/IEC 1539-1", "fpm", "SV"),
    "COBOL": Known(1959, "CODASYL committee", "ISO/IEC JTC 1/SC 22/WG 4", "Procedural, Imperative, Object-oriented", "Static", _MANUAL, _NATIVE, "FLOW-MATIC, COMTRAN", "", "https://gnucobol.sourceforge.io/", "ISO/IEC 1989", "", "S"),
    "Ada": Known(1980, "Jean Ichbiah", "ISO/IEC JTC 1/SC 22/WG 9", "Imperative, Object-oriented, Concurrent, Generic", "Static, Strong, Nominal", _MANUAL, _NATIVE, "Pascal, ALGOL 68, Modula, Simula", "Pascal", "https://www.adaic.org/", "ISO/IEC 8652", "Alire", "SNXV"),
    "Prolog": Known(1972, "Alain Colmerauer, Robert Kowalski, Philippe Roussel", "", "Logic", "Dynamic", _GC, "Depends on the implementation", "Planner", "", "https://www.swi-prolog.org/", "ISO/IEC 13211-1", "", "GPXI"),
    "MATLAB": Known(1984, "Cleve Moler", "MathWorks", "Array, Imperative, Object-oriented", "Dynamic, Weak", "Automatic", "Just-in-time compiled", "APL, Fortran, EISPACK, LINPACK", "", "https://www.mathworks.com/products/matlab.html", "", "", "GXVI"),
    "Zig": Known(2016, "Andrew Kelley", "Zig Software Foundation", "Imperative, Procedural, Concurrent", "Static, Strong, Inferred", _MANUAL, _NATIVE, "C, C++, Go, Rust, LLVM IR", "", "https://ziglang.org/", "", "zig build", "SN"),
    "Nim": Known(2008, "Andreas Rumpf", "Nim team", "Imperative, Metaprogramming, Functional, Object-oriented", "Static, Strong, Inferred", "Reference counting with cycle collection", "Compiled to C, C++ or JavaScript", "Ada, Modula-3, Python, Object Pascal, Lisp, C++", "", "https://nim-lang.org/", "", "Nimble", "SGNXV"),
    "D": Known(2001, "Walter Bright", "D Language Foundation", "Imperative, Object-oriented, Functional, Generic", "Static, Strong, Inferred", _GC, _NATIVE, "C++, C, Java, C#, Eiffel, Python, Ruby", "C++", "https://dlang.org/", "", "DUB", "SGNXV"),
    "Crystal": Known(2014, "Ary Borenszweig, Juan Wajnerman, Brian Cardiff", "Manas Technology Solutions", "Object-oriented, Imperative", "Static, Strong, Inferred, Null-safe", _GC, _NATIVE, "Ruby, C, Rust, Go, C#, Python", "Ruby", "https://crystal-lang.org/", "", "Shards", "SGNXV"),
    "Smalltalk": Known(1972, "Alan Kay, Dan Ingalls, Adele Goldberg", "", "Object-oriented, Reflective", "Dynamic, Strong", _GC, "Compiled to bytecode", "Simula, Lisp, Logo, Sketchpad", "", "https://pharo.org/", "ANSI INCITS 319-1998", "", "GXVI"),
    "Visual Basic .NET": Known(2002, "Microsoft", "Microsoft", "Object-oriented, Imperative, Event-driven", "Static, Dynamic, Nominal", _GC, _NET, "Visual Basic, C#", "Visual Basic 6.0", "https://learn.microsoft.com/dotnet/visual-basic/", "", "NuGet", "SGNAXV"),
    "Groovy": Known(2003, "James Strachan", "Apache Software Foundation", "Object-oriented, Functional, Imperative", "Dynamic, Strong, Optional static", _GC, _JVM, "Java, Python, Ruby, Smalltalk", "Java", "https://groovy-lang.org/", "", "Maven, Gradle", "GNXVI"),
    "PowerShell": Known(2006, "Jeffrey Snover, Bruce Payette, James Truher", "Microsoft", "Imperative, Object-oriented, Pipeline", "Dynamic, Strong", _GC, "Interpreted", "Unix shell, Perl, C#, DCL", "", "https://learn.microsoft.com/powershell/", "", "PowerShell Gallery", "GXI"),
    "Racket": Known(1995, "Matthias Felleisen, Matthew Flatt, Robert Bruce Findler, Shriram Krishnamurthi", "PLT", "Functional, Imperative, Metaprogramming", "Dynamic, Strong", _GC, "Compiled to native code or bytecode", "Scheme, Eiffel", "Scheme", "https://racket-lang.org/", "", "raco", "GPXI"),
    "Standard ML": Known(1983, "Robin Milner, Robert Harper, David MacQueen, Mads Tofte", "", "Functional, Imperative", "Static, Strong, Inferred", _GC, _NATIVE, "ML, Hope, Pascal", "", "https://smlfamily.github.io/", "The Definition of Standard ML", "", "SGNPXI"),
    "Elm": Known(2012, "Evan Czaplicki", "", "Functional, Reactive", "Static, Strong, Inferred", _GC, "Compiled to JavaScript", "Haskell, Standard ML, OCaml, F#", "Haskell", "https://elm-lang.org/", "", "elm", "SGNPI"),
}  # fmt: skip

# title → (year of first appearance, designers, source)
DATED: dict[str, tuple[int, str, str]] = {
    "APL": (1966, "Kenneth E. Iverson", "https://aplwiki.com/"),
    "ALGOL": (1958, "John Backus, Friedrich L. Bauer, Hermann Bottenbruch, Charles Katz, Alan Perlis, Heinz Rutishauser, Klaus Samelson, Joseph Henry Wegstein", ""),
    "ActionScript": (1998, "Gary Grossman", ""),
    "Agda": (2007, "Ulf Norell, Catarina Coquand", "https://wiki.portal.chalmers.se/agda/"),
    "Awk": (1977, "Alfred Aho, Peter Weinberger, Brian Kernighan", "https://www.gnu.org/software/gawk/"),
    "B": (1969, "Ken Thompson", ""),
    "BASIC": (1964, "John G. Kemeny, Thomas E. Kurtz", ""),
    "Brainfuck": (1993, "Urban Müller", ""),
    "CSS": (1996, "Håkon Wium Lie, Bert Bos", "https://www.w3.org/Style/CSS/"),
    "Ceylon": (2011, "Gavin King", ""),
    "CoffeeScript": (2009, "Jeremy Ashkenas", "https://coffeescript.org/"),
    "Cuda": (2007, "NVIDIA", "https://developer.nvidia.com/cuda-toolkit"),
    "Eiffel": (1986, "Bertrand Meyer", "https://www.eiffel.org/"),
    "Emacs Lisp": (1985, "Richard Stallman, Guy L. Steele Jr.", "https://www.gnu.org/software/emacs/"),
    "Factor": (2003, "Slava Pestov", "https://factorcode.org/"),
    "Forth": (1970, "Charles H. Moore", "https://forth-standard.org/"),
    "GraphQL": (2015, "Lee Byron, Nick Schrock, Dan Schafer", "https://graphql.org/"),
    "HTML": (1993, "Tim Berners-Lee", "https://html.spec.whatwg.org/"),
    "Hack": (2014, "Julien Verlaguet, Alok Menghrajani, Drew Paroski", "https://hacklang.org/"),
    "Haxe": (2005, "Nicolas Cannasse", "https://haxe.org/"),
    "Idris": (2007, "Edwin Brady", "https://www.idris-lang.org/"),
    "Io": (2002, "Steve Dekorte", "https://iolanguage.org/"),
    "J": (1990, "Kenneth E. Iverson, Roger Hui", "https://www.jsoftware.com/"),
    "JSON": (2001, "Douglas Crockford", "https://www.json.org/"),
    "LabVIEW": (1986, "Jeff Kodosky", "https://www.ni.com/labview"),
    "Lean": (2013, "Leonardo de Moura", "https://lean-lang.org/"),
    "Less": (2009, "Alexis Sellier", "https://lesscss.org/"),
    "Makefile": (1976, "Stuart Feldman", "https://www.gnu.org/software/make/"),
    "Modula-2": (1978, "Niklaus Wirth", ""),
    "Modula-3": (1988, "Luca Cardelli, James Donahue, Mick Jordan, Bill Kalsow, Greg Nelson", ""),
    "Mojo": (2023, "Chris Lattner", "https://www.modular.com/mojo"),
    "Nix": (2003, "Eelco Dolstra", "https://nixos.org/"),
    "Oberon": (1987, "Niklaus Wirth", ""),
    "Odin": (2016, "Ginger Bill", "https://odin-lang.org/"),
    "OpenCL": (2009, "Khronos Group", "https://www.khronos.org/opencl/"),
    "PostScript": (1984, "John Warnock, Charles Geschke", ""),
    "Processing": (2001, "Casey Reas, Ben Fry", "https://processing.org/"),
    "PureScript": (2013, "Phil Freeman", "https://www.purescript.org/"),
    "REXX": (1979, "Mike Cowlishaw", "https://www.rexxla.org/"),
    "Raku": (2015, "Larry Wall", "https://raku.org/"),
    "Reason": (2016, "Jordan Walke", "https://reasonml.github.io/"),
    "Rebol": (1997, "Carl Sassenrath", "http://www.rebol.com/"),
    "Red": (2011, "Nenad Rakočević", "https://www.red-lang.org/"),
    "Rocq Prover": (1989, "Thierry Coquand, Gérard Huet", "https://rocq-prover.org/"),
    "SAS": (1976, "Anthony James Barr", "https://www.sas.com/"),
    "SQL": (1974, "Donald D. Chamberlin, Raymond F. Boyce", "https://www.iso.org/standard/76583.html"),
    "Self": (1987, "David Ungar, Randall Smith", "https://selflanguage.org/"),
    "Solidity": (2014, "Gavin Wood", "https://soliditylang.org/"),
    "Stata": (1985, "William Gould", "https://www.stata.com/"),
    "Tcl": (1988, "John Ousterhout", "https://www.tcl-lang.org/"),
    "TeX": (1978, "Donald Knuth", "https://tug.org/"),
    "TOML": (2013, "Tom Preston-Werner", "https://toml.io/"),
    "Typst": (2023, "Laurenz Mädje, Martin Haug", "https://typst.app/"),
    "VBScript": (1996, "Microsoft", ""),
    "VHDL": (1987, "", "https://standards.ieee.org/"),
    "Vala": (2006, "Jürg Billeter, Raffaele Sandrini", "https://vala.dev/"),
    "Verilog": (1984, "Prabhu Goel, Phil Moorby, Chi-Lai Huang, Douglas Warmke", "https://standards.ieee.org/"),
    "Vim script": (1991, "Bram Moolenaar", "https://www.vim.org/"),
    "Visual Basic 6.0": (1998, "Microsoft", ""),
    "WebAssembly": (2017, "W3C WebAssembly Working Group", "https://webassembly.org/"),
    "Wolfram Language": (1988, "Stephen Wolfram", "https://www.wolfram.com/language/"),
    "XML": (1998, "W3C XML Working Group", "https://www.w3.org/XML/"),
    "YAML": (2001, "Clark Evans, Ingy döt Net, Oren Ben-Kiki", "https://yaml.org/"),
}  # fmt: skip

# Chinese names in common use.
CHINESE = {
    "Assembly": "汇编语言", "Shell": "Shell 脚本", "Makefile": "Make", "Regular Expression": "正则表达式",
    "Visual Basic .NET": "VB.NET", "Pascal": "帕斯卡语言", "Cangjie": "仓颉", "Erlang": "二郎神语言",
}  # fmt: skip

ALIASES = {
    "Go": ("Golang",), "JavaScript": ("JS", "ECMAScript"), "TypeScript": ("TS",), "C++": ("CPP",), "C#": ("CSharp", "C Sharp"),
    "F#": ("FSharp",), "Objective-C": ("ObjC",), "Shell": ("Bash",), "Visual Basic .NET": ("VB.NET", "Visual Basic"),
    "Python": ("Python 3",), "Common Lisp": ("Lisp",), "Wolfram Language": ("Mathematica",),
}  # fmt: skip
