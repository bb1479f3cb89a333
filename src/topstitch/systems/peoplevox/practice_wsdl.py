"""The WSDL that the practice server answers to `?wsdl`, made from the operations it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache

from topstitch.systems.peoplevox.practice_soap import EVENTS, NAMESPACE, OPERATIONS, TYPES, Part

_RESPONSE = """
<xs:complexType name="IntegrationResponse"><xs:sequence>
 <xs:element minOccurs="1" maxOccurs="1" name="ResponseId" type="xs:int"/>
 <xs:element minOccurs="1" maxOccurs="1" name="TotalCount" type="xs:int"/>
 <xs:element minOccurs="0" maxOccurs="1" name="Detail" type="xs:string"/>
 <xs:element minOccurs="0" maxOccurs="1" name="Statuses" type="tns:ArrayOfIntegrationStatusResponse"/>
</xs:sequence></xs:complexType>
<xs:complexType name="ArrayOfIntegrationStatusResponse"><xs:sequence>
 <xs:element minOccurs="0" maxOccurs="unbounded" name="IntegrationStatusResponse" nillable="true"
  type="tns:IntegrationStatusResponse"/>
</xs:sequence></xs:complexType>
<xs:complexType name="IntegrationStatusResponse"><xs:sequence>
 <xs:element minOccurs="0" maxOccurs="1" name="Reference" type="xs:string"/>
 <xs:element minOccurs="1" maxOccurs="1" name="Status" type="tns:IntegrationResponseStatuses"/>
</xs:sequence></xs:complexType>
<xs:simpleType name="IntegrationResponseStatuses"><xs:restriction base="xs:string">
 <xs:enumeration value="Error"/><xs:enumeration value="Success"/>
</xs:restriction></xs:simpleType>
<xs:element name="UserSessionCredentials" type="tns:UserSessionCredentials"/>
"""
_HEAD = f"""<?xml version="1.0" encoding="utf-8"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
 xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">
"""


@cache
def wsdl(address: str) -> str:
    """The whole document for a service at `address`."""
    opened = f'<types><xs:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">'
    schema = f"{opened}{''.join(_types())}</xs:schema></types>"
    bindings = _binding("IntegrationServiceV4Soap", "soap") + _binding("IntegrationServiceV4Soap12", "soap12")
    return f"{_HEAD}{schema}{''.join(_messages())}{_port_type()}{bindings}{_service(address)}</definitions>"


def _types() -> Iterator[str]:
    yield _RESPONSE
    values = "".join(f'<xs:enumeration value="{event}"/>' for event in EVENTS)
    yield f'<xs:simpleType name="SubscriptionEventTypes"><xs:restriction base="xs:string">{values}</xs:restriction></xs:simpleType>'
    for name, parts in TYPES.items():
        yield f'<xs:complexType name="{name}">{_sequence(parts)}</xs:complexType>'
    for name, parts in OPERATIONS.items():
        yield f'<xs:element name="{name}"><xs:complexType>{_sequence(parts)}</xs:complexType></xs:element>'
        result = _sequence(((f"{name}Result", "IntegrationResponse"),))
        yield f'<xs:element name="{name}Response"><xs:complexType>{result}</xs:complexType></xs:element>'


def _sequence(parts: Sequence[Part]) -> str:
    return f"<xs:sequence>{''.join(_element(*part) for part in parts)}</xs:sequence>"


def _element(name: str, kind: str) -> str:
    known = {"string": "xs:string", "int!": "xs:int", "event!": "tns:SubscriptionEventTypes"}
    nil = ' nillable="true"' if name == "UserId" else ""
    least = 1 if kind.endswith("!") else 0
    return f'<xs:element minOccurs="{least}" maxOccurs="1" name="{name}"{nil} type="{known.get(kind, f"tns:{kind}")}"/>'


def _messages() -> Iterator[str]:
    for name in OPERATIONS:
        yield f'<message name="{name}SoapIn"><part name="parameters" element="tns:{name}"/></message>'
        yield f'<message name="{name}SoapOut"><part name="parameters" element="tns:{name}Response"/></message>'
        if name != "Authenticate":
            part = '<part name="UserSessionCredentials" element="tns:UserSessionCredentials"/>'
            yield f'<message name="{name}UserSessionCredentials">{part}</message>'


def _port_type() -> str:
    operations = "".join(
        f'<operation name="{name}"><input message="tns:{name}SoapIn"/><output message="tns:{name}SoapOut"/></operation>'
        for name in OPERATIONS
    )
    return f'<portType name="IntegrationServiceV4Soap">{operations}</portType>'


def _binding(binding: str, soap: str) -> str:
    operations = "".join(_bound(name, soap) for name in OPERATIONS)
    transport = f'<{soap}:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
    return f'<binding name="{binding}" type="tns:IntegrationServiceV4Soap">{transport}{operations}</binding>'


def _bound(name: str, soap: str) -> str:
    header = f'<{soap}:header message="tns:{name}UserSessionCredentials" part="UserSessionCredentials" use="literal"/>'
    body = f'<{soap}:body use="literal"/>'
    return (
        f'<operation name="{name}"><{soap}:operation soapAction="{NAMESPACE}{name}" style="document"/>'
        f"<input>{body}{'' if name == 'Authenticate' else header}</input><output>{body}</output></operation>"
    )


def _service(address: str) -> str:
    ports = "".join(
        f'<port name="{binding}" binding="tns:{binding}"><{soap}:address location="{address}"/></port>'
        for binding, soap in (("IntegrationServiceV4Soap", "soap"), ("IntegrationServiceV4Soap12", "soap12"))
    )
    return f'<service name="IntegrationServiceV4">{ports}</service>'
