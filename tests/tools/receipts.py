"""Reads consent receipts as RDF, one JSON-LD document a line, and holds each to ISO/IEC TS 27560.

Prints for each the state of its record and the states of its events, oldest first. Contexts stand in
the documents: whatever would fetch one fails.
"""

import json
import sys
import urllib.request

from rdflib import Graph, Namespace, URIRef
from rdflib.namespace import DCTERMS, RDF

DPV = Namespace("https://w3id.org/dpv#")
SCHEMA = Namespace("https://schema.org/")


def no_network(*_args, **_named):
    raise RuntimeError("a receipt sends its reader elsewhere")


def one(graph, subject, name):
    found = list(graph.objects(subject, name))
    assert len(found) == 1, f"{name}: {len(found)} in place of one"
    return found[0]


def some(graph, subject, name):
    found = list(graph.objects(subject, name))
    assert found, f"{name} is missing"
    return found


def term(iri):
    return str(iri).removeprefix(str(DPV))


def check(graph):
    receipt = one_of(graph, DPV.ConsentReceipt)
    schema = "https://w3id.org/dpv/schema/dpv-27560"
    assert one(graph, receipt, DCTERMS.conformsTo) == URIRef(f"{schema}#receipt")
    for name in (DCTERMS.identifier, DCTERMS.created, DCTERMS.publisher):
        one(graph, receipt, name)
    record = one(graph, receipt, DPV.hasRecordOfActivity)
    assert (record, RDF.type, DPV.ConsentRecord) in graph
    assert one(graph, record, DCTERMS.conformsTo) == URIRef(f"{schema}#record")
    # Header, processing.
    one(graph, record, DCTERMS.identifier)
    person = one(graph, record, DPV.hasDataSubject)
    one(graph, person, DCTERMS.identifier)
    one(graph, record, DPV.hasJurisdiction)
    notice = one(graph, record, DPV.hasNotice)
    one(graph, notice, DCTERMS.language)
    one(graph, notice, SCHEMA.url)
    control = one(graph, record, DPV.hasConsentControl)
    assert (control, RDF.type, DPV.WithdrawConsent) in graph
    one(graph, control, DPV.isExercisedAt)
    process = one(graph, record, DPV.hasProcess)
    for name in (DPV.hasPurpose, DPV.hasLegalBasis, DPV.hasPersonalData, DPV.hasRecipient):
        one(graph, process, name)
    data = one(graph, process, DPV.hasPersonalData)
    one(graph, data, RDF.value)
    kept = some(graph, process, DPV.hasStorageCondition)
    kinds = {term(kind) for one_of_them in kept for kind in graph.objects(one_of_them, RDF.type)}
    assert kinds == {"StorageLocation", "StorageDuration"}, kinds
    # Parties.
    party = one(graph, record, DPV.hasDataController)
    assert (party, RDF.type, DPV.DataController) in graph
    for name in (DCTERMS.identifier, DPV.hasName, DPV.hasAddress, DPV.hasContact):
        one(graph, party, name)
    # Events.
    events = []
    for event in some(graph, record, DPV.hasConsentStatus):
        one(graph, event, DPV.isIndicatedBy)
        one(graph, event, DPV.hasDuration)
        at = one(graph, event, DPV.isIndicatedAtTime)
        assert at.toPython() is not None and at.toPython().tzinfo is not None, at
        states = [term(kind) for kind in graph.objects(event, RDF.type)]
        events += [(at.toPython(), state) for state in states if state != "ExpressedConsent"]
    state = term(one(graph, record, DPV.hasStatus))
    return f"{state}: {' '.join(name for _, name in sorted(events))}"


def one_of(graph, kind):
    found = list(graph.subjects(RDF.type, kind))
    assert len(found) == 1, f"{len(found)} of {kind} in place of one"
    return found[0]


def main():
    urllib.request.urlopen = no_network
    urllib.request.OpenerDirector.open = no_network
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            json.loads(line)
            graph = Graph().parse(data=line, format="json-ld")
            print(check(graph))


main()
