import { escaped } from "../../components/core/html.ts";
import type { KubernetesObject } from "../../components/core/object.ts";
import { toYamlValue } from "../../components/core/yaml-text.ts";
import type { Link } from "../links.ts";
import { withoutSecrets } from "../secret-values.ts";
import { subtitle } from "./layout.ts";
import type { Model, Node } from "./model.ts";

/** Headings under which objects stand, each with its kinds; the last takes all others. */
const GROUPS: readonly (readonly [string, RegExp])[] = [
  [
    "Pods",
    /^(?:Deployment|StatefulSet|DaemonSet|CronJob|Job|Rollout|HorizontalPodAutoscaler|ScaledObject|ServiceAccount|PersistentVolumeClaim)$/,
  ],
  [
    "Traffic",
    /^(?:Service|Gateway|\w+Route|Ingress|VirtualService|DestinationRule|ServiceEntry|Sidecar|EnvoyFilter|WasmPlugin|Certificate|Issuer)$/,
  ],
  [
    "Policies",
    /^(?:NetworkPolicy|AuthorizationPolicy|PeerAuthentication|PodDisruptionBudget|ResourceQuota|LimitRange|Namespace|Role|RoleBinding|ClusterRole|ClusterRoleBinding|AppProject)$/,
  ],
  ["Configuration and secrets", /^(?:ConfigMap|Secret|(?:Cluster)?ExternalSecret|(?:Cluster)?SecretStore)$/],
  ["Watching", /^(?:ServiceMonitor|PodMonitor|PrometheusRule|AlertmanagerConfig|AnalysisTemplate|GrafanaDashboard)$/],
  ["Other", /^/],
];

/** What a fragment of the page is called by. */
export function idOf(name: string): string {
  return `component-${name}`;
}

/** A link to what is known of a component. */
export function linkTo(name: string): string {
  return `<a href="#${escaped(encodeURIComponent(idOf(name)))}">${escaped(name)}</a>`;
}

/** What is known of every component: whom it calls, who calls it, its objects. Only the one that is picked is shown. */
export function details(model: Model): string {
  const from = Map.groupBy(model.links, (link) => link.from);
  const to = Map.groupBy(model.links, (link) => link.to);
  return model.nodes.map((node) => detail(node, from.get(node.name) ?? [], to.get(node.name) ?? [])).join("\n");
}

function detail(node: Node, out: readonly Link[], into: readonly Link[]): string {
  const calledBy: readonly Link["kind"][] = ["calls", "host"];
  const to = (kind: Link["kind"]) => out.filter((link) => link.kind === kind).map((link) => named(link.to, link.label));
  const from = (kind: Link["kind"]) =>
    into.filter((link) => link.kind === kind).map((link) => named(link.from, link.label));
  const hosts = out.filter(({ kind }) => kind === "host").map((link) => linkTo(link.to));
  const facts = [
    fact("Calls", [...to("calls"), ...hosts]),
    fact("Called by", calledBy.flatMap(from)),
    fact("Reached through", to("route")),
    fact("Routes to", from("route")),
    fact("Takes secrets from", to("secrets")),
    fact("Gives secrets to", from("secrets")),
    fact("Stands in namespace", to("within")),
  ];
  return `<section class="detail" id="${escaped(idOf(node.name))}" data-name="${escaped(node.name)}" aria-label="${escaped(node.name)}">
<a class="close" href="#">close</a>
<h2 tabindex="-1">${escaped(node.name)}</h2>
<p class="soft">${escaped([subtitle(node), node.pods].filter((part) => part !== "").join(" · "))}</p>
${facts.filter((part) => part !== "").join("\n")}
${objectGroups(node.objects)}
</section>`;
}

function named(name: string, label: string): string {
  return label === "" ? linkTo(name) : `${linkTo(name)} <span class="soft">${escaped(label)}</span>`;
}

function fact(title: string, items: readonly string[]): string {
  const unique = [...new Set(items)];
  return unique.length === 0 ? "" : `<h3>${title}</h3>\n<ul>${unique.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

function objectGroups(objects: readonly KubernetesObject[]): string {
  const groups = Map.groupBy(objects, ({ kind }) => GROUPS.find(([, kinds]) => kinds.test(kind))?.[0] ?? "");
  return GROUPS.map(([title]) => {
    const members = groups.get(title) ?? [];
    return members.length === 0 ? "" : `<h3>${title}</h3>\n${members.map(objectText).join("\n")}`;
  })
    .filter((part) => part !== "")
    .join("\n");
}

function objectText(object: KubernetesObject): string {
  const { kind, metadata } = object;
  return `<details><summary>${escaped(`${kind} ${metadata.name}`)}</summary><pre tabindex="0">${escaped(toYamlValue(withoutSecrets(object)))}</pre></details>`;
}
