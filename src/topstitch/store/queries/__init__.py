"""Named reads for the screens. Each takes a Scope, so that nobody is shown what is not theirs."""
