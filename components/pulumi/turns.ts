import type * as pulumi from "@pulumi/pulumi";
import type { DependsOn } from "./component.ts";

/** Components that are told to the engine at a time. */
const AT_A_TIME = 5;

/**
 * Lets each component wait for its turn beside what it needs. What all of them have to say is prepared in one go otherwise, for
 * seconds where there are 2,000 objects, and only then does the engine hear of the first. What waits already, because the
 * caller said so, waits for that alone.
 */
export function inTurn(): (needed: DependsOn | undefined) => DependsOn | undefined {
  let turn = Promise.resolve();
  let places = AT_A_TIME;
  return (needed) => {
    const list = listOf(needed);
    if (list === undefined) return needed;
    if (places === 0) {
      turn = turn.then(() => new Promise((fulfil) => void setImmediate(fulfil)));
      places = AT_A_TIME;
    }
    places--;
    return afterwards(turn, list);
  };
}

async function afterwards(turn: Promise<void>, list: Needed): Promise<Needed> {
  await turn;
  return list;
}

type Needed = pulumi.Input<pulumi.Resource>[];

/** What is needed where that is known now; undefined where it has to be waited for. */
function listOf(needed: DependsOn | undefined): Needed | undefined {
  if (needed === undefined) return [];
  return Array.isArray(needed) ? (needed as Needed) : undefined;
}
