package main

import (
	"reflect"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func namespace(name string) *corev1.Namespace {
	labels := map[string]string{"kubernetes.io/metadata.name": name}
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

func pod(namespace, app, address string, ports ...corev1.ContainerPort) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: app, Labels: map[string]string{"app": app}},
		Spec:       corev1.PodSpec{Containers: []corev1.Container{{Ports: ports}}},
		Status:     corev1.PodStatus{PodIP: address, Phase: corev1.PodRunning},
	}
}

func policy(t *testing.T, name, spec string) *networkingv1.NetworkPolicy {
	t.Helper()
	made := &networkingv1.NetworkPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
	if err := yaml.UnmarshalStrict([]byte(spec), &made.Spec); err != nil {
		t.Fatal(err)
	}
	return made
}

// rulesOf finds what is allowed to or from an address; not ok when nothing is forbidden there.
func rulesOf(t *testing.T, cluster Cluster, direction Direction, address string) (rules []string, isolated bool) {
	t.Helper()
	chains, err := Chains(cluster)
	if err != nil {
		t.Fatal(err)
	}
	for _, chain := range chains {
		for _, one := range chain.Pods {
			if chain.Direction == direction && one == address {
				return chain.Rules, true
			}
		}
	}
	return nil, false
}

func TestPolicies(t *testing.T) {
	web := corev1.ContainerPort{Name: "web", ContainerPort: 8080}
	order := pod("shop", "order", "10.0.0.1", web)
	user := pod("shop", "user", "10.0.0.2", corev1.ContainerPort{Name: "web", ContainerPort: 9090})
	dns := pod("kube-system", "dns", "10.0.0.3")
	host := pod("shop", "order", "203.0.113.2")
	host.Spec.HostNetwork = true
	ended := pod("shop", "user", "10.0.0.9")
	ended.Status.Phase = corev1.PodSucceeded
	pods := []*corev1.Pod{order, user, dns, host, ended}

	for name, one := range map[string]struct {
		spec      string
		direction Direction
		address   string
		want      []string
		open      bool
	}{
		"nothing allowed is all forbidden": {
			spec: `{podSelector: {}, policyTypes: [Ingress]}`, direction: Ingress, address: "10.0.0.1", want: []string{},
		},
		"the other direction stays open": {
			spec: `{podSelector: {}, policyTypes: [Ingress]}`, direction: Egress, address: "10.0.0.1", open: true,
		},
		"other namespaces stay open": {
			spec: `{podSelector: {}, policyTypes: [Ingress]}`, direction: Ingress, address: "10.0.0.3", open: true,
		},
		"a rule without peers and ports allows all": {
			spec: `{podSelector: {}, policyTypes: [Ingress], ingress: [{}]}`, direction: Ingress, address: "10.0.0.1", want: []string{""},
		},
		"peers of the same namespace, whose pods have not ended": {
			spec:      `{podSelector: {matchLabels: {app: order}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: user}}}], ports: [{port: 9090}]}]}`,
			direction: Egress, address: "10.0.0.1", want: []string{"ip daddr { 10.0.0.2 } tcp dport 9090"},
		},
		"peers of another namespace": {
			spec:      `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {app: dns}}}], ports: [{port: 53, protocol: UDP}]}]}`,
			direction: Egress, address: "10.0.0.2", want: []string{"ip daddr { 10.0.0.3 } udp dport 53"},
		},
		"a peer that nobody is allows nobody": {
			spec:      `{podSelector: {}, policyTypes: [Ingress], ingress: [{from: [{podSelector: {matchLabels: {app: ghost}}}]}]}`,
			direction: Ingress, address: "10.0.0.1", want: []string{},
		},
		"blocks with exceptions; those of the other family are nobody here": {
			spec:      `{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}, {ipBlock: {cidr: "::/0"}}], ports: [{port: 443, endPort: 444}]}]}`,
			direction: Egress, address: "10.0.0.1", want: []string{"ip daddr 0.0.0.0/0 ip daddr != { 10.0.0.0/8 } tcp dport 443-444"},
		},
		"a port by name is the called pod's own, coming in": {
			spec:      `{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: web}]}]}`,
			direction: Ingress, address: "10.0.0.2", want: []string{"tcp dport 9090"},
		},
		"a port by name is the called pod's own, going out": {
			spec:      `{podSelector: {matchLabels: {app: user}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: order}}}], ports: [{port: web}]}]}`,
			direction: Egress, address: "10.0.0.2", want: []string{"ip daddr 10.0.0.1 tcp dport 8080"},
		},
		"a protocol without a port is all of its ports": {
			spec:      `{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{protocol: UDP}]}]}`,
			direction: Ingress, address: "10.0.0.1", want: []string{"meta l4proto udp"},
		},
		"pods on the node's own network are nobody's": {
			spec: `{podSelector: {}, policyTypes: [Ingress]}`, direction: Ingress, address: "203.0.113.2", open: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			cluster := Cluster{
				Policies:   []*networkingv1.NetworkPolicy{policy(t, "one", one.spec)},
				Pods:       pods,
				Namespaces: []*corev1.Namespace{namespace("shop"), namespace("kube-system")},
			}
			rules, isolated := rulesOf(t, cluster, one.direction, one.address)
			if isolated == one.open {
				t.Fatalf("isolated: %v", isolated)
			}
			if !one.open && !(len(rules) == 0 && len(one.want) == 0) && !reflect.DeepEqual(rules, one.want) {
				t.Fatalf("got %q, want %q", rules, one.want)
			}
		})
	}
}

func TestPoliciesAddUp(t *testing.T) {
	deny := policy(t, "deny", `{podSelector: {}, policyTypes: [Ingress, Egress]}`)
	open := policy(t, "open", `{podSelector: {matchLabels: {app: order}}, policyTypes: [Ingress], ingress: [{ports: [{port: 8080}]}]}`)
	cluster := Cluster{
		Policies: []*networkingv1.NetworkPolicy{open, deny},
		Pods: []*corev1.Pod{
			pod("shop", "order", "10.0.0.1"),
			pod("shop", "order", "10.0.0.4"),
			pod("shop", "user", "10.0.0.2"),
		},
		Namespaces: []*corev1.Namespace{namespace("shop")},
	}
	if rules, _ := rulesOf(t, cluster, Ingress, "10.0.0.1"); !reflect.DeepEqual(rules, []string{"tcp dport 8080"}) {
		t.Fatalf("order allows %q", rules)
	}
	if rules, isolated := rulesOf(t, cluster, Ingress, "10.0.0.2"); !isolated || len(rules) != 0 {
		t.Fatalf("user allows %q", rules)
	}
	// Pods that may do the same share a chain, and the same cluster gives the same chains.
	first, _ := Chains(cluster)
	cluster.Policies = []*networkingv1.NetworkPolicy{deny, open}
	second, _ := Chains(cluster)
	if len(first) != 3 || !reflect.DeepEqual(first, second) {
		t.Fatalf("%v\n%v", first, second)
	}
}
