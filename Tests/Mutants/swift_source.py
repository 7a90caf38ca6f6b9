"""Finds functions in Swift sources, and in them the statement, condition or value that mentions certain names.

Reads just enough of Swift for code that swift-format has formatted: tokens, brackets, declarations, statements. Strings and comments
are skipped, so no rule depends on their words."""

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"(?P<skip>//[^\n]*|\s+)|(?P<string>\"\"\"(?:.|\n)*?\"\"\"|\"(?:\\\((?:[^()]|\([^()]*\))*\)|\\.|[^\"\\])*\")"
    r"|(?P<word>[A-Za-z_$][A-Za-z0-9_]*|`\w+`|[0-9][0-9A-Za-z_.]*)|(?P<mark>&&|\|\||\?\?|==|!=|<=|>=|->|\.\.\.|\.\.<|[-+*/%&|]=|.)")
OPENING, CLOSING = "([{", ")]}"
TYPES = {"struct", "class", "enum", "extension", "protocol", "actor"}
# A line that begins with one of these goes on with the statement before it; a line after one of these, too.
GOES_ON = {"else", "catch", "where", "in", ".", "?", ":", "&&", "||", "??", "==", "<", ">", "<=", ">=", "+", "-", "*", "/", "=", "->"}
EXPECTS_MORE = {"guard", "if", "while", "for", "return", "let", "var", ",", "=", "(", "[", "in", "+", "-", "&&", "||", "??", "where", "await"}
# What separates conditions from each other and from the rest of a statement.
SEPARATORS = {",", "=", "&&", "||", "guard", "if", "while", "where", "return", "else", "in", "?", ":"}


@dataclass(frozen=True)
class Token:
    text: str
    start: int
    end: int
    starts_line: bool


class Source:
    def __init__(self, text):
        self.text = text
        self.tokens = []
        line_start = True
        for match in TOKEN.finditer(text):
            if match.lastgroup == "skip":
                line_start = line_start or "\n" in match.group()
                continue
            self.tokens.append(Token(match.group(), *match.span(), line_start))
            line_start = False
        self.partner = self._match_brackets()

    def _match_brackets(self):
        partner, stack = {}, []
        for index, token in enumerate(self.tokens):
            if token.text in OPENING and len(token.text) == 1:
                stack.append(index)
            elif token.text in CLOSING and len(token.text) == 1 and stack:
                partner[stack.pop()] = index
        return partner

    # Declarations

    def functions(self):
        """(name with its type, type of the first parameter, first and last token of the body) of functions and computed properties."""
        yield from self._functions(0, len(self.tokens), "")

    def _functions(self, index, end, owner):
        while index < end:
            word = self.tokens[index].text
            if word in TYPES and index + 1 < end and self.tokens[index + 1].text not in ("func", "var"):
                name = self.tokens[index + 1].text
                opening = self._next("{", index, end)
                if opening is None:
                    return
                yield from self._functions(opening + 1, self.partner[opening], f"{owner}.{name}" if owner and word != "extension" else name)
                index = self.partner[opening] + 1
            elif word in ("func", "init", "subscript", "var"):
                name = self.tokens[index + 1].text if word in ("func", "var") else word
                body = self._body(index, end, word == "var")
                if body:
                    yield f"{owner}.{name}", self._first_parameter(index, body), (body + 1, self.partner[body])
                    index = self.partner[body] + 1
                else:
                    index += 1
            elif word == "{":
                index = self.partner[index] + 1
            else:
                index += 1

    def _next(self, text, index, end):
        return next((i for i in range(index, end) if self.tokens[i].text == text), None)

    def _body(self, index, end, is_property):
        """The brace that opens the body; None for a requirement or a stored property."""
        index += 1
        while index < end:
            token = self.tokens[index]
            if token.text == "{":
                return index
            if is_property and (token.text == "=" or token.starts_line):
                return None
            if not is_property and token.starts_line and token.text in TYPES | {"func", "var", "let", "}", "package", "private", "public"}:
                return None
            index = self.partner.get(index, index) + 1
        return None

    def _first_parameter(self, index, body):
        opening = self._next("(", index, body)
        if opening is None:
            return ""
        colon = self._next(":", opening, self.partner[opening])
        if colon is None:
            return ""
        words = []
        for i in range(colon + 1, self.partner[opening]):
            if self.tokens[i].text in (",", "="):
                break
            words.append(self.tokens[i].text)
        return "".join(word for word in words if word not in ("inout", "@", "escaping"))

    # Parts of a body, as (first token, last token)

    def statements(self, first, end):
        """All statements of a block, those in blocks of several lines included."""
        index = first
        while index < end:
            if self.tokens[index].text in ("case", "default") or self.tokens[index].text == "@":
                index = self._after_label(index, end)
                continue
            last = self._statement_end(index, end)
            yield index, last
            for inner in range(index, last + 1):
                if self.tokens[inner].text == "{" and inner + 1 < self.partner[inner] and self.tokens[inner + 1].starts_line:
                    yield from self.statements(inner + 1, self.partner[inner])
            index = last + 1

    def _after_label(self, index, end):
        while index < end and self.tokens[index].text != ":":
            index = self.partner.get(index, index) + 1
        return index + 1

    def _statement_end(self, index, end):
        last = self.partner.get(index, index)
        while last + 1 < end:
            following = self.tokens[last + 1]
            if following.starts_line and following.text not in GOES_ON and self.tokens[last].text not in EXPECTS_MORE:
                break
            last = self.partner.get(last + 1, last + 1)
        return last

    def conditions(self, first, end):
        """Operands of `,`, `&&` and `||`, at any depth."""
        begin = first
        index = first
        while index <= end:
            token = self.tokens[index] if index < end else None
            is_new_line = token and token.starts_line and index > begin and token.text not in GOES_ON
            separates = token and (token.text in SEPARATORS or token.text == "{") and not self._is_chained(index)
            if token is None or separates or is_new_line:
                if index > begin:
                    yield begin, index - 1
                begin = index + 1 if separates else index
            if token and index in self.partner:
                yield from self.conditions(index + 1, self.partner[index])
                index = self.partner[index]
                if token.text == "{":
                    begin = index + 1
            index += 1

    def _is_chained(self, index):
        """The question mark of an optional, not that of a choice; the brace of a closure, which belongs to its call."""
        token, before = self.tokens[index], self.tokens[index - 1]
        if token.text == "?":
            return before.end == token.start
        return False

    def values(self, first, end):
        """Chains of names, members, calls and subscripts."""
        index = first
        while index < end:
            if not re.match(r"[A-Za-z_$]", self.tokens[index].text):
                index += 1
                continue
            last = index
            while last + 1 < end:
                text = self.tokens[last + 1].text
                if text in "([" and self.tokens[last + 1].start == self.tokens[last].end:
                    yield from self.values(last + 2, self.partner[last + 1])
                    last = self.partner[last + 1]
                elif text == "." or (text in "?!" and self.tokens[last + 1].start == self.tokens[last].end):
                    last += 1
                elif self.tokens[last].text == "." and re.match(r"[A-Za-z_]", text):
                    last += 1
                else:
                    break
            yield index, last
            index = last + 1

    def find(self, kind, names, first, end):
        """The smallest part of this kind that mentions all names, as positions in the text; all of them if several are as small."""
        parts = {"statement": self.statements, "condition": self.conditions, "value": self.values}[kind](first, end)
        found = []
        for begin, last in parts:
            words = {self.tokens[i].text for i in range(begin, last + 1)}
            if set(names) <= words:
                found.append((begin, last))
        inner = [a for a in found if not any(b != a and a[0] <= b[0] and b[1] <= a[1] for b in found)]
        return [(self.tokens[begin].start, self.tokens[last].end) for begin, last in sorted(set(inner))]
