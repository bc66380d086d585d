"""`print(router)` draws the tree."""

from fasterapi_router import RadixRouter


def test_the_tree_of_a_small_application(golden):
    router = RadixRouter()
    for method, path in [
        ("GET", "/"),
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/users/me"),
        ("GET", "/users/{id:int}"),
        ("GET", "/users/{name}"),
        ("DELETE", "/users/{user}"),
        ("GET", "/users/{name}/posts/{post}"),
        ("GET", "/uploads/{rest:path}"),
        ("GET", "/uploads/{rest:path}/raw"),
        ("GET", "/files/{name}.{ext}"),
        ("GET", "/files/v{n:int}"),
        ("*", "/static/{rest:path}"),
        ("GET", "/{{literal}}"),
        ("GET", "/line\nbreak"),
    ]:
        router.add_route(method, path, path)
    golden("tree.txt", str(router) + "\n")
