#!/usr/bin/env python3
"""Which source files of a target may be compiled as one (cmake/unity.cmake).

    unity_batches.py ROOT LIMIT < one target a line: NAME FILE...     prints one line a batch: NAME FILE...

Two files stay apart when a name that one of them keeps to itself (in an unnamed namespace, static, an alias, a macro)
occurs in the other or in a header that only the other includes. That is stricter than the language asks: what is put
together then compiles as it does alone. Files go to the first batch that takes them, in the order of their names, so
that an edit moves few of them. --self-test shows what is told apart.
"""
import functools
import re
import sys
import tempfile
from pathlib import Path

COMMENT_OR_STRING = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"([^\s()\\]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9A-Fa-f])\'(?:\\.|[^\'\\\n])+\'', re.S)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)
DIRECTIVE = re.compile(r'^[ \t]*#(?:\\\n|[^\n])*', re.M)
MACRO = re.compile(r'#[ \t]*define[ \t]+(\w+)')
TOKEN = re.compile(r'[A-Za-z_]\w*|\d[\w.]*|->|::|[{}()\[\]<>;=,:.]|\S')
NAME = re.compile(r'[A-Za-z_]\w*\Z')
# Macros of GoogleTest make names of their own out of two arguments; these make one out of the first.
NAMING_MACROS = {'MATCHER', 'MATCHER_P', 'MATCHER_P2', 'MATCHER_P3', 'ACTION', 'ACTION_P'}
SKIPPED = re.compile(r'(TEST|TEST_F|TEST_P|INSTANTIATE_TEST_SUITE_P|BENCHMARK\w*|alignas|noexcept|decltype|requires|operator|final|'
                     r'class|struct|enum|bool|char|int|unsigned|double|auto|nullptr|void)\Z')


def own_names(tokens):
    """Names that no other file may see, an alias with what it stands for: walks namespaces, steps over other braces."""
    names, scopes, statement, i = {}, [], [], 0
    while i < len(tokens):
        token = tokens[i]
        hidden = '' in scopes or 'static' in statement
        if token == 'namespace' and not statement:
            end = next(k for k in range(i, len(tokens)) if tokens[k] in '{=;')
            if tokens[end] == '{':
                scopes.append(''.join(tokens[i + 1:end]))
            else:
                names[tokens[i + 1]] = ' '.join(tokens[i + 1:end])
            i, statement = end + 1, []
            continue
        if token == 'using' and not statement:
            end = next(k for k in range(i, len(tokens)) if tokens[k] == ';')
            if tokens[i + 1] != 'namespace':
                name = tokens[i + 1] if tokens[i + 2] == '=' else tokens[end - 1]
                names[name] = ' '.join(tokens[i + 1:end])
            i, statement = end + 1, []
            continue
        if token == '}':
            if scopes:
                scopes.pop()
            i, statement = i + 1, []
            continue
        if token in '({[':
            before = statement[-1] if statement else ''
            if before in NAMING_MACROS:
                names[tokens[i + 1]] = ''
            elif hidden and NAME.match(before) and not SKIPPED.match(before):
                names[before] = '(' if token == '(' else ''
            if hidden:
                names.update((b, '') for a, b in zip(statement, statement[1:])
                             if a in ('struct', 'class', 'enum') and not SKIPPED.match(b))
            i = past_closing(tokens, i)
            statement = [] if token == '{' and (i >= len(tokens) or tokens[i] not in ';,(') else statement + [')']
            continue
        if token in ';=,:' and hidden and statement and NAME.match(statement[-1]) and not SKIPPED.match(statement[-1]):
            names[statement[-1]] = ''
        statement = [] if token == ';' else statement + [token]
        i += 1
    return names


def past_closing(tokens, i):
    """The place behind the bracket that closes the one at i."""
    depth = 0
    while i < len(tokens):
        depth += (tokens[i] in '({[') - (tokens[i] in ')}]')
        i += 1
        if depth == 0:
            break
    return i


def outermost(tokens):
    """What is in no braces but those of namespaces, and in no parentheses."""
    left, i, namespace = [], 0, False
    while i < len(tokens):
        namespace = tokens[i] == 'namespace' or namespace and tokens[i] != ';'
        if tokens[i] in '({[' and not namespace:
            i = past_closing(tokens, i)
            continue
        namespace = namespace and tokens[i] != '{'
        left.append(tokens[i])
        i += 1
    return left


class File:
    def __init__(self, path, root):
        text = path.read_text(encoding='utf-8')
        self.includes = set()
        for name in INCLUDE.findall(text):
            found = next((p for p in (root / name, path.parent / name) if p.is_file()), None)
            if found:
                self.includes.add(found.resolve())
        text = COMMENT_OR_STRING.sub(lambda m: ' ' if m[0].startswith('/') else ' 0 ', INCLUDE.sub('', text))
        macros = set(MACRO.findall(text))
        tokens = TOKEN.findall(DIRECTIVE.sub('', text))
        if path.suffix == '.h':
            tokens = outermost(tokens)
        # What stands behind these is looked up elsewhere.
        inside = {i + 1 for i, token in enumerate(tokens) if token in ('.', '->', '::')}
        self.used = {token for i, token in enumerate(tokens) if i not in inside and NAME.match(token)} | macros
        self.own = own_names(tokens) | dict.fromkeys(macros, '') if path.suffix == '.cc' else {}


class Tree:
    def __init__(self, root):
        self.root = root
        self.file = functools.lru_cache(maxsize=None)(lambda path: File(path, root))
        self.headers = functools.lru_cache(maxsize=None)(self.headers)

    def headers(self, path):
        """Every header of the tree that a file includes, through others too."""
        found, left = set(), list(self.file(path).includes)
        while left:
            header = left.pop()
            if header not in found:
                found.add(header)
                left.extend(self.file(header).includes)
        return frozenset(found)

    def keeps_from(self, one, other):
        """Whether a name that `one` keeps to itself occurs in what `other` brings along."""
        own, others = self.file(one).own, self.file(other).own
        apart = {name for name, what in own.items() if what in ('', '(') or others.get(name) != what}
        if apart & self.file(other).used:
            return True
        apart = {name for name in apart if own[name] != '('}  # A function takes its place beside others of its name.
        return any(apart & self.file(header).used for header in self.headers(other) - self.headers(one))

    def batches(self, paths, limit):
        batches = []
        for path in sorted(paths):
            for batch in batches:
                if len(batch) < limit and not any(self.keeps_from(path, other) or self.keeps_from(other, path) for other in batch):
                    batch.append(path)
                    break
            else:
                batches.append([path])
        return batches


def self_test():
    plain = 'namespace a { int Public() { return 1; } }'
    # What a file has beside a plain one, what another has, whether they may be one.
    cases = [
        ('an own function, an own function of that name', 'namespace { int F() { return 1; } }', 'namespace { int F() { return 2; } }', False),
        ('an own constant, a use of that name', 'namespace { constexpr int kMax{2}; }', 'int G() { return kMax; }', False),
        ('an own type in a named namespace', 'namespace b { namespace { struct S { int x; }; } }', 'int S;', False),
        ('a static function', 'static int F() { return 1; }', 'int F(int);', False),
        ('a macro', '#define TWICE(x) x x', 'int TWICE;', False),
        ('a macro of GoogleTest that names', 'namespace { MATCHER_P(IsNear, x, "") { return arg == x; } }', 'void IsNear();', False),
        ('a fixture', 'namespace { class Rig : public T {}; TEST_F(Rig, A) {} }', 'namespace { class Rig : public T {}; TEST_F(Rig, B) {} }', False),
        ('one alias for two things', 'using K = x::K;', 'using K = y::K;', False),
        ('one alias for one thing', 'using x::K; K a;', 'using x::K; K b;', True),
        ('tests of one suite', 'namespace { TEST(S, A) {} }', 'namespace { TEST(S, B) {} }', True),
        ('a member of that name', 'namespace { int size() { return 1; } }', 'int G(V& v) { return v.size() + V::size; }', True),
        ('a comment and a string', 'namespace { int F() { return 1; } }', '/* F */ const char* s = "F"; // F', True),
        ('public functions', 'int F() { return 1; }', 'int G() { return F(); }', True),
        ('a header with that name', 'namespace { int kMax = 1; }', '#include "max.h"', False),
        ('a header that both have', '#include "max.h"\nnamespace { int kMax = 1; }', '#include "max.h"', True),
    ]
    for what, one, other, together in cases:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            (root / 'max.h').write_text('namespace c { extern int kMax; }')
            for name, text in (('one.cc', one), ('other.cc', other), ('plain.cc', plain)):
                (root / name).write_text(text)
            found = Tree(root).batches([root / 'one.cc', root / 'other.cc', root / 'plain.cc'], 10)
            assert ([3] if together else [2, 1]) == [len(batch) for batch in found], (what, found)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder).resolve() / f'{i}.cc' for i in range(5)]
        for path in paths:
            path.write_text('int x;')
        assert [len(batch) for batch in Tree(Path(folder)).batches(paths, 2)] == [2, 2, 1]
    print(f'{len(cases) + 1} cases')


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    tree, limit = Tree(Path(sys.argv[1]).resolve()), int(sys.argv[2])
    for line in sys.stdin:
        name, *files = line.split()
        for batch in tree.batches([Path(file) for file in files], limit):
            print(name, *batch)


if __name__ == '__main__':
    main()
