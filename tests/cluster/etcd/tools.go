//go:build tools

// Package etcd only names the etcd server that the test cluster runs, so that go.mod and go.sum pin it.
// It is a module of its own because etcd wants other versions of shared dependencies than Kubernetes does.
package etcd

import _ "go.etcd.io/etcd/server/v3"
