def call_keeps_defaults():
    value = positional_only_default(default_name, default_extra)
    return keeps_defaults(value)
