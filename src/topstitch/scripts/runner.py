"""The part of us that runs inside the sandbox: it calls a script for each record of a batch and checks what comes back.

It is written in what the sandbox's interpreter knows, and nothing depends on its honesty: a script that broke it would only
spoil its own results, which are measured and checked once more outside.
"""

from __future__ import annotations

from topstitch.scripts.model import MOST_DEPTH, MOST_LOG_LINES, MOST_LOGS, MOST_MESSAGE

#: Answers are tuples: (payload,) when nothing else changed; (payload, meta or None, variables or None, logs, message,
#: response code); or ("failed", class of the exception, its text).
RUNNER = f"""
import copy, json
from decimal import Decimal
from datetime import date, datetime, time
from time import monotonic

def __runner__():
    plain_types = {{str, int, float, bool, type(None), Decimal, date, datetime, time}}
    dumps, now, deepcopy, fail = json.dumps, monotonic, copy.deepcopy, ValueError

    def walk(value, depth):
        kind = type(value)
        if kind in plain_types:
            return
        if depth > {MOST_DEPTH}:
            raise fail("the result contains itself, or is nested more than {MOST_DEPTH} deep")
        if kind is dict:
            for key, item in value.items():
                if type(key) is not str:
                    raise fail("the result has an object with the key " + repr(key)[:80] + ", and keys are text")
                walk(item, depth + 1)
        elif kind is list or kind is tuple:
            for item in value:
                walk(item, depth + 1)
        else:
            raise fail("the result holds a value of the kind " + kind.__name__ + ", which is no record data")

    def check(value):
        kind = type(value)
        if kind in plain_types:
            return
        if kind is dict or kind is list:
            try:
                dumps(value)
                return
            except (TypeError, ValueError, RecursionError):
                pass
        walk(value, 0)

    def texts(values, name):
        if type(values) is not dict:
            raise fail("data[" + repr(name) + "] must be an object, it is of the kind " + type(values).__name__)
        for key, value in values.items():
            if type(key) is not str or type(value) is not str:
                raise fail("data[" + repr(name) + "] maps text to text; " + repr(key)[:80] + " is not so")
        return values

    def lines(values):
        if type(values) is not list:
            raise fail("data['logs'] must be a list of texts, it is of the kind " + type(values).__name__)
        return [str(value)[:{MOST_LOGS + 1}] for value in values[:{MOST_LOG_LINES + 1}]]

    def one(handle, data, meta, variables):
        result = handle(data)
        if result is None:
            result = data
        elif type(result) is not dict or "payload" not in result:
            raise fail("handle(data) must return data, an object with a payload, or nothing; it returned "
                       + ("an object without payload" if type(result) is dict else type(result).__name__))
        payload = result["payload"]
        if type(payload) not in plain_types:
            check(payload)
        got_meta, got_variables = result.get("meta", meta), result.get("variables", variables)
        logs, message, code = result.get("logs"), result.get("message"), result.get("response_code", 0)
        same = got_meta == meta, got_variables == variables
        if not (logs or message or code) and same == (True, True) and type(code) is int:
            return (payload,)
        if type(code) is not int or code < 0 or code > 3:
            raise fail("data['response_code'] must be 0, 1, 2 or 3, not " + repr(code)[:80])
        return (payload,
                None if same[0] else texts(got_meta, "meta"),
                None if same[1] else texts(got_variables, "variables"),
                lines(logs or []), str(message or "")[:{MOST_MESSAGE}], code)

    def run(make, payloads, metas, variables, own, flow, mark, seconds, alone):
        answers, began = [], now()
        nested = any(type(value) not in plain_types for value in flow.values())
        for number in range(len(payloads)):
            print(mark + str(number) + "\\0", end="")
            meta, given = metas.get(number, {{}}), variables
            if number in own:
                given = {{**variables, **own[number]}}
            data = {{"payload": payloads[number], "meta": dict(meta), "variables": dict(given),
                    "flow": deepcopy(flow) if nested else dict(flow), "logs": []}}
            payloads[number] = None
            if alone:
                answers.append(one(make(), data, meta, given))
                continue
            try:
                answers.append(one(make(), data, meta, given))
            except BaseException as error:
                answers.append(("failed", type(error).__name__, str(error)[:{MOST_MESSAGE}]))
            if now() - began > seconds:
                break
        return answers

    return run
"""
CALL = "__runner__()(__make__, __payloads__, __metas__, __variables__, __own__, __flow__, __mark__, __seconds__, __alone__)"
