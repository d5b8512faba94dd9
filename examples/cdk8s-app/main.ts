import { App, YamlOutputType } from "cdk8s";
import { microservice, teamNamespace } from "fairlead";
import { toChart } from "fairlead/cdk8s";
import { Backup } from "./backup.ts";
import { namespace, reviews } from "./props.ts";

const app = new App({ outdir: "dist", yamlOutputType: YamlOutputType.FILE_PER_CHART });

// Components become charts, and stand beside those that are written with cdk8s-plus.
const place = toChart(app, "namespace", teamNamespace(namespace));
const service = toChart(app, "reviews", microservice(reviews));
const backup = new Backup(app, "backup", { namespace: namespace.name, labels: { "fairlead.dev/owner": "reviews" } });

// cdk8s numbers the files, so that the namespace is applied first.
service.addDependency(place);
backup.addDependency(place);

app.synth();
