# The headers' plain comments as Doxygen wants them. Lines stay lines, so that warnings name the
# right ones.

# The comment at the top is about the file.
NR == 1 {
    name = FILENAME
    sub(/.*\//, "", name)
    sub(/^\/\* /, "/** @file " name " @brief ")
}

# A comment before what it is about; and one behind it, on the same line.
/^ *\/\* [^-]/ { sub(/\/\* /, "/** ") }
/[^ ].*[;,{(] *\/\* / { sub(/\/\* /, "/**< ") }

# An example: indented, after an empty line.
held == " *" && /^ \*   .*[;{]/ { held = " * @code{.c}"; in_code = 1 }
in_code && $0 == " *" { $0 = " * @endcode"; in_code = 0 }
in_code && / \*\/$/ { sub(/ \*\/$/, " @endcode */"); in_code = 0 }

# A line of a contract: "errors   RFX_E_FULL: ...".
!in_code && /^ \* +[a-z_.]+  +[^ ]/ { sub(/\* +[a-z_.]+/, "&**"); sub(/\* +/, "* - **") }

# Declarations that share a comment: the second one points to the first.
/^(RFX_API|extern RFX_API) / {
    if (held ~ /\*\/$/) {
        match($0, /rfx_[a-z0-9_]+(\(|;)/)
        first = substr($0, RSTART, RLENGTH)
        sub(/\($/, "()", first)
        sub(/;$/, "", first)
    } else if (held != "") {
        $0 = "/** See " first ". */ " $0
    }
}

NR > 1 { print held }
{ held = $0 }
END { print held }
