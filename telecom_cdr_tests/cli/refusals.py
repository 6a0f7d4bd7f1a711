"""What a user may expect of an error: one line that says what is wrong, no trace of the program's inside."""

from telecom_cdr_tests.product import Product, Result

FAILED = 1
WRONG_USAGE = 2


def refused(product: Product, *arguments: str) -> str:
    """Run a command that must refuse its input with one line, and give that line."""
    result = product.run(*arguments)
    assert result.exit_code == FAILED, result
    assert result.output == ""
    return the_error(result)


def the_error(result: Result) -> str:
    """The one line of standard error."""
    (line,) = result.errors.splitlines()
    assert line.startswith("error: "), line
    assert "Error:" not in line, f"the name of an exception is shown: {line}"
    return line
