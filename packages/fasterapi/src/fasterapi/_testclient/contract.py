"""Does an application keep to its own OpenAPI document? Requests are made of the document, answers held against it.

Knows: schemathesis, which invents the requests and judges the answers. Does not know: the framework.
"""

import importlib
from typing import Any, Final

import httpx

# Answers to a request that fits the document, yet not the user, what is stored, or its conditions (RFC 9110, sections
# 13 and 15.5; RFC 6585): no schema can say which requests get them.
_OTHER_REFUSALS: Final = ["2xx", "3xx", "401", "403", "404", "406", "409", "412", "428", "429", "5xx"]


def check_contract(client: httpx.Client, openapi_url: str, max_examples: int) -> None:
    """Try every operation of the document at `openapi_url`. Raises as `testclient.assert_contract`."""
    schemathesis = _import_schemathesis()
    judging = schemathesis.Config.from_dict(
        {"checks": {"positive_data_acceptance": {"expected-statuses": _OTHER_REFUSALS}}}
    )
    document = client.get(openapi_url).raise_for_status().json()
    schema = schemathesis.openapi.from_dict(document, config=judging)
    for result in schema.get_all_operations():
        _try_operation(result.ok(), client, max_examples)


def _import_schemathesis() -> Any:
    try:
        return importlib.import_module("schemathesis")  # large, and wanted by this function alone
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "assert_contract needs schemathesis, which is not installed.\n  fix: pip install schemathesis"
        ) from error


def _try_operation(operation: Any, client: httpx.Client, max_examples: int) -> None:
    from hypothesis import HealthCheck, given, settings  # noqa: PLC0415 - comes with schemathesis

    @settings(
        max_examples=max_examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def answers_as_documented(case: Any) -> None:
        case.validate_response(_send(case, client))

    answers_as_documented()


def _send(case: Any, client: httpx.Client) -> httpx.Response:
    options = case.as_transport_kwargs(base_url=str(client.base_url))
    options = {name: value for name, value in options.items() if value is not None}
    # Cookies of one request only: httpx would keep them for the next one.
    cookies = options.pop("cookies", {})
    headers = dict(options.pop("headers", {}))
    if cookies:
        headers["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return client.request(**options, headers=headers)
