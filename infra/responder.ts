import { type Address, alertResponder, type EntryOfStore, type Environment, type Member } from "../components/index.ts";
import type { EnvironmentRow } from "./environments.ts";

/** The token that Alertmanager shows and the responder expects. */
export const RESPONDER_TOKEN: EntryOfStore = { store: "vault", key: "shop/alerting/responder" };

/** Where alerts are answered; undefined where they are not. */
export function responderOf(row: EnvironmentRow): Address | undefined {
  return row.responder === undefined ? undefined : { name: "responder", namespace: row.namespace };
}

/** What answers the alerts of everything that runs pods. */
export function responder(row: EnvironmentRow, made: Environment["members"]): Readonly<Record<string, Member>> {
  const address = responderOf(row);
  if (address === undefined || row.responder === undefined) return {};
  const services = Object.entries(made).flatMap(([name, { objects }]) =>
    Object.values(objects).some(({ kind }) => kind === "Deployment" || kind === "Rollout") ? [[name, objects]] : [],
  );
  return {
    responder: {
      type: "fairlead:observability:AlertResponder",
      objects: alertResponder({
        ...address,
        ...row.responder,
        partOf: "shop",
        owner: "platform",
        image: `registry.example.com/platform/responder:${row.version}`,
        services: Object.fromEntries(services),
        token: RESPONDER_TOKEN,
      }),
    },
  };
}
