module local-cluster/git-server

go 1.26.0
