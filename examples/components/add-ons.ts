import {
  type AddOnApplications,
  type AddOnsObjects,
  type AddOnsProps,
  addOnApplications,
  addOns,
} from "../../components/index.ts";

const props: AddOnsProps = {
  name: "add-ons",
  namespace: "argocd",
  partOf: "shop",
  owner: "platform",
  repository: "https://git.example.com/shop/shop.git",
  revision: "main",
  folder: "deploy/prod/add-ons",
  notify: true,
  addOns: {
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
      namespace: "argocd",
      values: { crds: { keep: true } },
    },
  },
};

/** The Application above the platform's add-ons, Argo CD itself among them. */
export const addOnsExample: AddOnsObjects = addOns(props);

/** What stands in the repository for it: an Application for each chart. */
export const addOnApplicationsExample: AddOnApplications = addOnApplications(props);
