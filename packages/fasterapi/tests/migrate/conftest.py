"""The applications under `apps/` are material: `test_apps` migrates them first, and then runs their tests."""

collect_ignore_glob = ["apps/*", "golden/*"]
