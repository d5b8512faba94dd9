module fairlead.dev/test/witness

go 1.26.0
