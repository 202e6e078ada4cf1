#!/usr/bin/env python3
"""Who may include whom. Runs as the test `layers`; `--self-test` shows it fail on a forbidden include."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Folder -> prefixes of our own headers it may include. The longest matching folder counts.
MAY_INCLUDE = {
    "common/base": ["common/base/"],
    "common/transfer": ["common/transfer/", "common/base/"],
    "common/core": ["common/core/", "common/base/result.h", "common/base/error.h", "common/base/ip_address.h", "common/base/time.h",
                    "common/base/strong_id.h", "common/base/random.h", "common/base/check.h", "common/base/utf8.h"],
    # Ports name a Deadline, which is a value; nothing in core reads a clock.
    "common/core/store": ["common/core/", "common/base/result.h", "common/base/clock.h"],
    "common/rpc/wire": ["common/rpc/", "common/base/", "common/core/types/", "common/core/access/",
                        "common/core/retry/", "idl/"],
    "common/rpc": ["common/rpc/", "common/base/", "common/core/types/", "idl/"],
    "common/guard": ["common/", "idl/"],
    "sql": ["sql/", "common/base/", "common/core/"],
    "broker": ["broker/", "common/", "idl/"],
    "metaserver": ["metaserver/", "common/", "idl/"],
    "client": ["client/", "lanemq/", "common/", "idl/"],
    "client/include": ["lanemq/", "common/base/result.h", "common/base/error.h", "common/base/check.h"],
    "portal/api": ["portal/api/", "common/", "client/include/", "lanemq/"],
    "tests": [""],
    "perf": [""],
}
# Third-party headers and the only folders that may see them.
RESTRICTED = {
    # The two headers are adapters to the application's own connection; the examples are such applications.
    r"^(cppconn/|mysql_|mysql/|mysql\.h$)": ["sql/driver", "client/include/lanemq/mysql_connector.h",
                                            "client/include/lanemq/mysql_c_api.h", "client/examples", "perf", "tests"],
    r"^boost/": ["common/rpc", "portal/api/http", "portal/api/rpc_link", "tests", "perf"],
    r"^curl/": ["common/transfer"],
    r"^cjose/": ["portal/api/oidc/jws.cc", "portal/api/oidc/test_keys.cc"],
    r"^argon2": ["common/base/password.cc"],
    r"^openssl/": ["common/base", "common/rpc", "metaserver/oncall", "portal/api/http", "sql/driver/test_stranger.cc", "tests"],
    r"^yaml-cpp/": ["client/cli/apply/yaml_tree.cc"],
    r"^thrift/": ["common/rpc", "broker", "metaserver", "client", "portal/api/transcode/transcode_test.cc", "tests", "perf"],
}
# Decisions have no threads, no I/O, no logging: the standard library's headers for those are not for core either.
IMPURE = re.compile(r"^(thread|mutex|shared_mutex|condition_variable|future|atomic|semaphore|iostream|fstream|filesystem|"
                    r"random|ctime|unistd\.h|pthread\.h|spdlog/.*)$")
# Wiring and whole-process tests put everything together.
EXEMPT = re.compile(r"(^|/)(main|wiring)\.cc$|_test(_base)?\.(cc|h)$|/test(ing)?_[a-z_]+\.(cc|h)$")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')


def folder_of(path, table):
    best = None
    for folder in table:
        if path.startswith(folder + "/") and (best is None or len(folder) > len(best)):
            best = folder
    return best


def violations(path, text):
    folder = folder_of(path, MAY_INCLUDE)
    if folder is None:
        yield f"{path}: no row in scripts/check_layers.py says what {path.rpartition('/')[0]}/ may include"
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, header = match.groups()
        for pattern, allowed in RESTRICTED.items():
            if re.match(pattern, header) and not any(f"{path}/".startswith(a + "/") for a in allowed):
                yield f"{path}:{number}: <{header}> may be included in {', '.join(allowed)} only"
        if folder.startswith("common/core") and IMPURE.match(header) and not EXEMPT.search(path):
            yield f"{path}:{number}: common/core decides without <{header}>: no threads, I/O, logging, clocks"
        ours = kind == '"' and "/" in header
        if ours and not EXEMPT.search(path) and not any(header.startswith(p) for p in MAY_INCLUDE[folder]):
            yield f'{path}:{number}: {folder}/ may not include "{header}"'


def self_test():
    assert list(violations("common/core/log/a.cc", '#include "sql/driver/pool.h"\n')), "core -> sql must fail"
    assert list(violations("broker/a.cc", "#include <cppconn/driver.h>\n")), "connector outside driver must fail"
    assert list(violations("broker/append/a.cc", '#include "metaserver/x.h"\n')), "broker -> metaserver must fail"
    assert list(violations("common/core/group/a.h", "#include <mutex>\n")), "a lock in core must fail"
    assert list(violations("client/src/a.cc", "#include <mysql.h>\n")), "a database client in the library must fail"
    assert list(violations("client/src/a.cc", "#include <openssl/ssl.h>\n")), "TLS outside of the transport must fail"
    assert not list(violations("client/include/lanemq/mysql_c_api.h", "#include <mysql.h>\n"))
    assert list(violations("attic/a.cc", "int x;\n")), "a folder without a row must fail"
    assert not list(violations("common/core/group/a_test.cc", "#include <thread>\n"))
    assert not list(violations("broker/a.cc", '#include "common/core/types/ids.h"\n'))
    print("layers: the checker catches what it should")


def main():
    if "--self-test" in sys.argv:
        return self_test()
    files = subprocess.run(["git", "ls-files", "*.h", "*.cc"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = []
    for path in files.stdout.split():
        if (ROOT / path).exists():
            found += violations(path, (ROOT / path).read_text(encoding="utf-8"))
    print("\n".join(found) if found else "layers: fine")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
