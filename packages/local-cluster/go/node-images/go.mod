module local-cluster/node-images

go 1.26.0
