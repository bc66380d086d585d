async def call_parallel():
    async with Parallel() as tasks:
        name = get_name()
        left_task = tasks.create_task(get_left(name))
        right_task = tasks.create_task(get_right())

        async def make_both():
            left = await left_task
            right = await right_task
            return await get_both(left, right)

        both_task = tasks.create_task(make_both())
    right = right_task.result()
    both = both_task.result()
    return await parallel(both, right)
