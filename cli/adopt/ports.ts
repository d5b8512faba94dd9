import type { KubernetesObject } from "../../components/index.ts";
import { at, list, number, text } from "./read.ts";

export interface PortsFound {
  /** Port name -> number in the pod. */
  readonly ports: Readonly<Record<string, number>>;
  /** Port name -> number of the Service, where it is another. */
  readonly servicePorts: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
}

const PORT_NAME = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/;

/** The ports of a container and of the Service before it, each under one name. */
export function portsOf(container: unknown, service: KubernetesObject | undefined): PortsFound {
  const ports: Record<string, number> = {};
  const servicePorts: Record<string, number> = {};
  const lost: string[] = [];
  const served = list(at(service, "spec", "ports"));
  const declared = list(at(container, "ports"));
  const probed = JSON.stringify([
    at(container, "readinessProbe", "httpGet"),
    at(container, "livenessProbe", "httpGet"),
  ]);
  const add = (wish: string | undefined, port: number) => {
    const known = Object.keys(ports).find((name) => ports[name] === port);
    if (known !== undefined) return known;
    const guess = declared.length <= 1 && probed.includes(String(port)) ? "http" : `tcp-${port}`;
    const name = wish !== undefined && PORT_NAME.test(wish) && ports[wish] === undefined ? wish : guess;
    ports[name] = port;
    return name;
  };
  for (const one of declared) {
    const port = number(at(one, "containerPort"));
    if (port === undefined) continue;
    if ((text(at(one, "protocol")) ?? "TCP") !== "TCP") {
      lost.push(`port ${port}: a component's ports are TCP`);
      continue;
    }
    const target = served.find((other) => (number(at(other, "targetPort")) ?? number(at(other, "port"))) === port);
    add(text(at(one, "name")) ?? text(at(target, "name")), port);
  }
  for (const one of served) {
    const port = number(at(one, "port"));
    const target = at(one, "targetPort") ?? port;
    if (port === undefined) continue;
    const name = typeof target === "number" ? add(text(at(one, "name")), target) : text(target);
    if (name === undefined || ports[name] === undefined || servicePorts[name] !== undefined) {
      lost.push(`Service port ${port}: it leads to no port of the container that is not served already`);
    } else servicePorts[name] = port;
  }
  const different = Object.entries(servicePorts).filter(([name, port]) => ports[name] !== port);
  return { ports, servicePorts: Object.fromEntries(different), lost };
}
