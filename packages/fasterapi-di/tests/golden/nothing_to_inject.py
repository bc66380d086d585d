def call_nothing_to_inject(number):
    return nothing_to_inject(number)
