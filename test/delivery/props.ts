import type { AddOn, AddOnsProps, ApplicationSetProps } from "../../components/index.ts";

export const git = { namespace: "argocd", repository: "https://git.example.com/shop/shop.git" };

export const chart: AddOn = {
  chart: "cert-manager",
  repository: "https://charts.example.com",
  version: "1.2.3",
  namespace: "cert-manager",
};

export function addOnRows(change: Partial<AddOnsProps>): AddOnsProps {
  return {
    ...git,
    name: "add-ons",
    owner: "platform",
    folder: "deploy/prod/add-ons",
    addOns: { "cert-manager": chart },
    ...change,
  };
}

export function set(change: Partial<ApplicationSetProps> = {}): ApplicationSetProps {
  const order = { owner: "checkout", project: "checkout", namespace: "shop" };
  return { ...git, name: "prod", owner: "platform", environments: { prod: { components: { order } } }, ...change };
}
