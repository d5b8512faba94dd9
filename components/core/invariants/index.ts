import type { Environment } from "../environment.ts";
import { type Fault, FaultError } from "../fault.ts";
import { alertsHaveRoutes } from "./alerts.ts";
import { callsAreAllowed } from "./calls.ts";
import { certificatesAreIssued } from "./certificates.ts";
import { deliveredOnceEach, projectsAllow } from "./delivery.ts";
import { budgetsAllowDrains, scaleTargetsExist } from "./disruption.ts";
import { oneOwnerEach } from "./ownership.ts";
import { namespacesExist, probesAskExposedPorts, referencesExist, secretStoresExist } from "./references.ts";
import { rolloutsFindTheirParts } from "./rollouts.ts";
import { routesLead } from "./routes.ts";
import { scrapesMatch } from "./scrapes.ts";
import { selectorsMatch, servicePortsExist } from "./selectors.ts";
import { view } from "./view.ts";

/** What must hold between the objects of an environment. Each check is one pass over the view. */
export const invariants = [
  oneOwnerEach,
  selectorsMatch,
  servicePortsExist,
  scaleTargetsExist,
  budgetsAllowDrains,
  probesAskExposedPorts,
  referencesExist,
  secretStoresExist,
  namespacesExist,
  callsAreAllowed,
  scrapesMatch,
  alertsHaveRoutes,
  routesLead,
  certificatesAreIssued,
  rolloutsFindTheirParts,
  deliveredOnceEach,
  projectsAllow,
] as const;

/** Every fault that needs more than one object to be seen. */
export function environmentFaults(environment: Environment): readonly Fault[] {
  const seen = view(environment);
  return invariants.flatMap((check) => [...check(seen)]);
}

/** @throws FaultError with everything that does not hold. */
export function checkEnvironment(environment: Environment): void {
  const faults = environmentFaults(environment);
  if (faults.length > 0) throw new FaultError(faults);
}
