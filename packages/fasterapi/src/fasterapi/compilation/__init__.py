"""A bound handler → one generated function: `handler` reads, `http` and `websocket` write the code, `readers` and
`bodies` write the parts that read one parameter, `runtime` is what generated code calls.
"""
