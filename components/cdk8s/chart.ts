import { ApiObject, Chart } from "cdk8s";
import type { Construct } from "constructs";
import { FaultError } from "../core/fault.ts";
import type { Objects } from "../core/object.ts";
import { plainCopy, unplainFaults } from "../core/plain.ts";

/**
 * A component's objects as a cdk8s chart: an ApiObject for each role, which bears the role as its id.
 * @param id The chart's id, and the component's name in messages.
 * @throws FaultError with the path of every Output and of every other value that cdk8s could not write.
 */
export function toChart(scope: Construct, id: string, objects: Objects): Chart {
  const faults = Object.entries(objects).flatMap(([role, object]) => unplainFaults(id, role, object));
  if (faults.length > 0) throw new FaultError(faults);
  const chart = new Chart(scope, id);
  for (const [role, object] of Object.entries(objects)) new ApiObject(chart, role, { ...plainCopy(object) });
  return chart;
}
