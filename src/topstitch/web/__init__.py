"""The screens: server-rendered, one folder an area."""
