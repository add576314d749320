"""scenario - runs a file's test functions and prints TAP.

    from lib import scenario

    def test_office_works_offline():
        ...assert...

    if __name__ == '__main__':
        scenario.main(globals())

Functions named test_* run in the order in which they stand; `FILE_test.py offline` runs those whose
name contains the word.  A function passes if it returns; raise scenario.Skip(reason) where it cannot
be run at all.
"""
import sys
import traceback


class Skip(Exception):
    """What is needed is not on this machine; the reason is printed and counted."""


def main(names):
    only = sys.argv[1] if len(sys.argv) > 1 else ''
    tests = [(name, f) for name, f in names.items()
             if name.startswith('test_') and callable(f) and only in name]
    failed = 0
    for number, (name, test) in enumerate(tests, 1):
        try:
            test()
            print(f'ok {number} - {name}', flush=True)
        except Skip as reason:
            print(f'ok {number} - {name} # SKIP {reason}', flush=True)
        except BaseException:  # pylint: disable=broad-except
            failed += 1
            for line in traceback.format_exc().splitlines():
                print(f'# {line}')
            print(f'not ok {number} - {name}', flush=True)
            if isinstance(sys.exc_info()[1], KeyboardInterrupt):
                break
    print(f'1..{len(tests)}')
    sys.exit(1 if failed or not tests else 0)
