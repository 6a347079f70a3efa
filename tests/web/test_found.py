"""What an address names is found among what the person may see, and nowhere else."""

from __future__ import annotations

import pytest
from django.http import Http404

from qms.core.models import Site
from qms.web.pages import found_or_404


def test_a_row_out_of_sight_is_answered_like_one_that_is_not_there(site: Site, elsewhere: Site) -> None:
    seen = Site.objects.filter(pk=site.pk)
    assert found_or_404(seen, site.pk, "site") == site
    answers = []
    for pk in (elsewhere.pk, 0):
        with pytest.raises(Http404) as answer:
            found_or_404(seen, pk, "site")
        answers.append(str(answer.value))
    assert set(answers) == {"There is no such site that you may see."}
