"""deploy/kubernetes: every manifest is what its schema asks, and what hangs together does."""

import copy
import json
import re
from pathlib import Path

import jsonschema
import kubernetes_validate
import pytest
import yaml

from tests.house.test_rules_of_the_house import BASE

FOLDER = BASE / "deploy" / "kubernetes"
#: The oldest and the newest Kubernetes for which they are written.
VERSIONS = ["1.29", "1.37"]
#: What of CloudNativePG is used, in our own words; all of it was held against the operator's schema by hand.
CNPG = json.loads(Path(__file__).with_name("cnpg.json").read_text())
EXAMPLE = "secret.example.yaml"


def read(path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


FILES = sorted(path for path in FOLDER.glob("*.yaml") if path.name != "kustomization.yaml")
DOCUMENTS = [(path.name, document) for path in FILES for document in read(path)]
NAMES = [f"{name}-{document['kind']}-{document['metadata']['name']}" for name, document in DOCUMENTS]


def of(kind, name=""):
    found = [document for _file, document in DOCUMENTS if document["kind"] == kind]
    return next(one for one in found if one["metadata"]["name"] == name) if name else found


def pods():
    specs = {one["metadata"]["name"]: one["spec"] for one in [*of("Deployment"), *of("Job")]}
    specs |= {one["metadata"]["name"]: one["spec"]["jobTemplate"]["spec"] for one in of("CronJob")}
    return {name: spec["template"] for name, spec in specs.items()}


def container(name):
    (one,) = pods()[name]["spec"]["containers"]
    return one


def environment(name):
    return {row["name"]: row for row in container(name)["env"]}


def validate(document):
    if document["apiVersion"] == "postgresql.cnpg.io/v1":
        jsonschema.validate(document["spec"], CNPG[document["kind"]])
    else:
        for version in VERSIONS:
            kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("document", [document for _name, document in DOCUMENTS], ids=NAMES)
def test_manifest_is_what_its_schema_asks(document):
    validate(document)


def test_slip_of_the_pen_is_noticed():
    deployment = copy.deepcopy(of("Deployment", "web"))
    deployment["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    with pytest.raises(jsonschema.ValidationError):
        validate(deployment)
    cluster = copy.deepcopy(of("Cluster", "database"))
    cluster["spec"]["instance"] = 3
    with pytest.raises(jsonschema.ValidationError):
        validate(cluster)


def test_all_but_the_example_are_applied_together():
    (applied,) = read(FOLDER / "kustomization.yaml")
    assert sorted([*applied["resources"], EXAMPLE]) == [path.name for path in FILES]
    assert applied["namespace"] == of("Namespace")[0]["metadata"]["name"]
    assert [image["name"] for image in applied["images"]] == ["munistem"]


# Who runs, and how -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["web", "worker", "prepare", "backup"])
def test_pod_is_nobody_and_writes_only_what_passes_through(name):
    spec, one = pods()[name]["spec"], container(name)
    assert (spec["securityContext"]["runAsNonRoot"], spec["automountServiceAccountToken"]) == (True, False)
    assert f"--uid {spec['securityContext']['runAsUser']}" in (BASE / "Dockerfile").read_text()
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert one["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in one["resources"]["limits"]
    disks = {disk["name"]: disk for disk in spec["volumes"]}
    passing = {place["mountPath"] for place in one["volumeMounts"] if "emptyDir" in disks[place["name"]]}
    assert passing == {"/srv/data", "/tmp"}
    kept = {place["mountPath"] for place in one["volumeMounts"]} - passing
    assert kept == ({"/backups", "/run/backup"} if name == "backup" else set())


def test_variables_are_those_of_the_readme():
    listed = set(re.findall(r"`([A-Z][A-Z0-9_]+)`", (BASE / "README.md").read_text()))
    told = {*of("ConfigMap", "settings")["data"], *of("Secret", "secrets")["stringData"]}
    told |= {name for pod in pods() for name in environment(pod)} - {"DATABASE_PASSWORD"}
    assert told - listed == set()


def test_production_starts_with_what_it_is_told():
    for name in pods():
        sources = [next(iter(source.values()))["name"] for source in container(name)["envFrom"]]
        assert sources == ["settings", "secrets"]
        told = {
            *of("ConfigMap", "settings")["data"],
            *of("Secret", "secrets")["stringData"],
            *environment(name),
        }
        assert {
            "SECRET_KEY",
            "ALLOWED_HOSTS",
            "DATABASE_URL",
            "EMAIL_URL",
            "S3_BUCKET",
            "S3_ACCESS_KEY",
        } <= told


def test_web_goes_through_poolers_and_reads_from_replicas_commands_go_directly():
    poolers = {pooler["metadata"]["name"]: pooler["spec"] for pooler in of("Pooler")}
    assert {name: (spec["type"], spec["pgbouncer"]["poolMode"]) for name, spec in poolers.items()} == {
        "pooler-rw": ("rw", "transaction"),
        "pooler-ro": ("ro", "transaction"),
    }
    assert of("ConfigMap", "settings")["data"]["DATABASE_POOLER"] == "transaction"
    assert poolers["pooler-ro"]["pgbouncer"]["parameters"]["query_wait_timeout"] == "3"  # see docs/scaling.md
    web = environment("web")
    assert "@pooler-rw:" in web["DATABASE_URL"]["value"]
    assert "@pooler-ro:" in web["DATABASE_REPLICA_URL"]["value"]
    for name in ("worker", "prepare", "backup"):
        assert "@database-rw:" in environment(name)["DATABASE_DIRECT_URL"]["value"]
    for name in pods():  # a variable is known to those after it
        assert next(iter(environment(name))) == "DATABASE_PASSWORD"


def test_poolers_bear_the_threads_of_all_web_processes():
    settings, web = of("ConfigMap", "settings")["data"], of("HorizontalPodAutoscaler", "web")["spec"]
    processes = web["maxReplicas"] * int(settings["WEB_WORKERS"])
    connections = processes * (int(settings["WEB_THREADS"]) + 1)
    for pooler in of("Pooler"):
        bears = int(pooler["spec"]["pgbouncer"]["parameters"]["max_client_conn"])
        assert connections * 2 < bears
    cluster = of("Cluster", "database")["spec"]
    pooled = sum(
        pooler["spec"]["instances"] * int(pooler["spec"]["pgbouncer"]["parameters"]["default_pool_size"])
        for pooler in of("Pooler")
    )
    assert pooled < int(cluster["postgresql"]["parameters"]["max_connections"])


def test_database_has_replicas_and_knows_hebrew():
    cluster = of("Cluster", "database")["spec"]
    assert cluster["instances"] >= 2
    assert cluster["bootstrap"]["initdb"]["localeCType"] == "C.UTF-8"


def test_new_pods_answer_before_old_ones_leave():
    web = of("Deployment", "web")["spec"]
    assert web["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "replicas" not in web  # the autoscaler's to say
    one = container("web")
    assert one["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
    assert one["livenessProbe"]["httpGet"]["path"] == "/healthz"  # a database that is away kills no pod
    pause = int(one["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pods()["web"]["spec"]["terminationGracePeriodSeconds"] > pause + 20  # gunicorn's graceful_timeout


# What hangs together -------------------------------------------------------------------------------------


def matches(selector, labels):
    return selector.items() <= labels.items()


def test_selectors_find_their_pods():
    labels = {name: pod["metadata"]["labels"] for name, pod in pods().items()}
    for kind in ("Deployment", "PodDisruptionBudget"):
        for document in of(kind):
            name = document["metadata"]["name"]
            assert matches(document["spec"]["selector"]["matchLabels"], labels[name])
    assert matches(of("Service", "web")["spec"]["selector"], labels["web"])
    target = of("HorizontalPodAutoscaler", "web")["spec"]["scaleTargetRef"]
    assert (target["kind"], target["name"]) == ("Deployment", "web")


def test_readers_come_from_the_ingress_to_a_port_that_is_there():
    service = of("Service", "web")["spec"]["ports"][0]
    assert service["targetPort"] in {port["name"] for port in container("web")["ports"]}
    rule = of("Ingress", "portal")["spec"]["rules"][0]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "web", "port": {"name": service["name"]}}
    assert rule["host"] == of("ConfigMap", "settings")["data"]["ALLOWED_HOSTS"]
    assert of("ConfigMap", "settings")["data"]["BASE_URL"] == f"https://{rule['host']}"


def test_nobody_speaks_unless_named():
    policies = {policy["metadata"]["name"]: policy["spec"] for policy in of("NetworkPolicy")}
    assert policies["nobody-by-default"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    known = [pod["metadata"]["labels"] for pod in pods().values()] + [{"cnpg.io/cluster": "database"}]
    for name, spec in policies.items():
        chosen = spec["podSelector"].get("matchLabels", {})
        assert any(matches(chosen, labels) for labels in known), name
        for expression in spec["podSelector"].get("matchExpressions", []):
            assert set(expression["values"]) <= {labels.get(expression["key"]) for labels in known}
    outside = [spec for spec in policies.values() if "ipBlock" in json.dumps(spec.get("egress", ""))]
    ranges = {block["ipBlock"]["cidr"] for spec in outside for rule in spec["egress"] for block in rule["to"]}
    assert ranges == {"192.0.2.0/24", "0.0.0.0/0"}  # the bucket's, and of the worker all but private ones
    (world,) = (block["ipBlock"] for block in policies["worker-to-the-world"]["egress"][0]["to"])
    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(world["except"])
