from tests.cms_pages.conftest import town  # noqa: F401  -- the small profile, loaded
