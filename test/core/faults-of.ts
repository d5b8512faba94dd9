import { type Fault, FaultError } from "../../components/core/fault.ts";

/** The faults that a step throws; none when it does not throw. Any other error goes on its way. */
export function faultsOf(step: () => unknown): readonly Fault[] {
  try {
    step();
  } catch (error) {
    if (error instanceof FaultError) return error.faults;
    throw error;
  }
  return [];
}
