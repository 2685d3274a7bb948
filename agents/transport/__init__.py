"""The batch transport: Faust over aiokafka, one message per partition and fetch instead of one per record."""
