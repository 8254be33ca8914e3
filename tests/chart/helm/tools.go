//go:build tools

// Package helm only names the helm that tests the chart, so that go.mod and go.sum pin it.
package helm

import _ "helm.sh/helm/v3/cmd/helm"
