def main():
    spark = (
        SparkSession.builder.appName(JOB["name"]).config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    if int(spark.version.split(".")[0]) < 4:
        raise JobError(f"expected Spark 4.0 or newer, found {spark.version}")
    tell("accepted", id=spark.sparkContext.applicationId)
    for index, step in enumerate(JOB["steps"]):
        tell("stepStarted", index=index)
        began = time.monotonic()
        values, text = STEPS[step["type"]](spark, step)
        tell("stepFinished", index=index, seconds=time.monotonic() - began, values=values, text=text)
    spark.stop()


if __name__ == "__main__":
    try:
        main()
    except JobError as error:
        tell("failed", message=str(error))
        sys.exit(1)
    except Exception as error:
        # Spark's errors are long: their first line says what, the rest is for whoever looks at the log.
        traceback.print_exc()
        tell("failed", message=(str(error).strip().splitlines() or [type(error).__name__])[0][:2000])
        sys.exit(1)
