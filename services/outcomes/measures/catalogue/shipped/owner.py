"""Who answers for what comes with the product."""

OWNER = "localresponse"
