module github.com/stepwire/stepwire

go 1.26
