def call_shared_and_not():
    first = count()
    own = count()
    transient = count()
    return shared_and_not(first, first, own, transient)
