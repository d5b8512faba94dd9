import {
  type AddOn,
  type Environment,
  type GitopsProps,
  gitops,
  type Member,
  type NetworkPolicy,
  teamNamespace,
} from "../components/index.ts";
import type { EnvironmentRow } from "./environments.ts";

const owner = "platform";

/** Argo CD of one environment, in a namespace of its own: who may change staging need not be able to change prod. */
const argoNamespace = ({ namespace }: EnvironmentRow) => `${namespace}-argocd`;

/** What the environments stand on, as Helm charts. The first waves bring what others ask for. */
const addOns = (namespace: string): Readonly<Record<string, AddOn>> => ({
  "cert-manager": {
    chart: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.2",
    namespace: "cert-manager",
    values: { crds: { enabled: true, keep: true } },
    wave: -2,
  },
  "external-secrets": {
    chart: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "1.3.2",
    namespace: "external-secrets",
    wave: -1,
  },
  "argo-cd": {
    chart: "argo-cd",
    repository: "https://argoproj.github.io/argo-helm",
    version: "9.4.17",
    namespace,
    values: {
      crds: { keep: true },
      // The engine makes it, with the alerts' receivers.
      notifications: { cm: { create: false } },
      // Without it an Application counts as healthy at once, and waves of add-ons would not wait for each other.
      configs: { cm: { "resource.customizations.health.argoproj.io_Application": APPLICATION_HEALTH } },
    },
    wave: 1,
  },
});

/** From Argo CD's own documentation of app-of-apps. https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#argocd-app */
const APPLICATION_HEALTH = `hs = {}
hs.status = "Progressing"
hs.message = ""
if obj.status ~= nil and obj.status.health ~= nil then
  hs.status = obj.status.health.status
  if obj.status.health.message ~= nil then
    hs.message = obj.status.health.message
  end
end
return hs
`;

/** The environment as it reaches its cluster: unchanged, or split between the engine and the repository. */
export function delivery(environment: Environment, row: EnvironmentRow): Environment {
  if (row.delivery !== "gitops") return environment;
  const namespace = argoNamespace(row);
  const members = { ...environment.members, "argo-cd": controller(namespace) };
  return gitops({ ...environment, members }, deliveryProps(row));
}

/** From where and to whom. */
export function deliveryProps(row: EnvironmentRow): GitopsProps {
  const namespace = argoNamespace(row);
  return {
    namespace,
    partOf: "shop",
    owner,
    repository: "https://git.example.com/shop/shop.git",
    alertmanagers: ["alertmanager-operated.monitoring:9093"],
    routedBy: row.namespace,
    addOns: addOns(namespace),
  };
}

/** Where Argo CD runs: its parts reach each other, Git and the API servers, and nobody else reaches them. */
function controller(namespace: string): Member {
  const partOf = "shop";
  const objects = teamNamespace({ name: namespace, partOf, owner, containerDefaults: { cpu: "100m", memory: "1Gi" } });
  const open: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: "controllers", namespace, labels: objects.namespace.metadata.labels ?? {} },
    spec: {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{}],
    },
  };
  return { type: "fairlead:policy:TeamNamespace", objects: { ...objects, controllers: open } };
}
