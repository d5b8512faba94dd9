import { ApiObject, App, Chart } from "cdk8s";
import { readObjects } from "./objects.ts";

// cdk8s as it comes, a chart for each service, over objects that are there already.
const [file = "", folder = "."] = process.argv.slice(2);
const app = new App({ outdir: folder });
for (const [service, objects] of Object.entries(readObjects(file))) {
  const chart = new Chart(app, service);
  for (const [role, object] of Object.entries(objects)) new ApiObject(chart, role, { ...object });
}
app.synth();
