"""Parts of a service's configuration as forms: filters, trigger, ends, script. A tab and a step of the wizard show the same."""
