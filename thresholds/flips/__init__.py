"""What would change a finding or a verdict: found by changing the evidence and deciding again, never by a second copy of the rule.

A stranger reads ``records`` (what is found), then ``deciding`` (what is asked), ``changes``, ``judgement_changes`` and
``applying`` (what is tried), ``searching``, ``numbers_needed`` and ``resolving`` (one finding), ``combinations`` (a verdict).
"""
