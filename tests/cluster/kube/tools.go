//go:build tools

// Package kube only names the Kubernetes programs that the test cluster runs, so that go.mod and go.sum
// pin them. k8s.io/kubernetes requires its staging modules at v0.0.0; go.mod replaces each of them by the
// release that belongs to the same minor version (v1.36.3 -> v0.36.3).
package kube

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kube-proxy"
	_ "k8s.io/kubernetes/cmd/kube-scheduler"
	_ "k8s.io/kubernetes/cmd/kubectl"
	_ "k8s.io/kubernetes/cmd/kubelet"
)
