def main():
    spark = (
        SparkSession.builder.appName(JOB["name"]).config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MILLIS").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    if int(spark.version.split(".")[0]) < 4:
        raise JobError(f"expected Spark 4.0 or newer, found {spark.version}")
    report("accepted", id=spark.sparkContext.applicationId)
    for index, step in enumerate(JOB["steps"]):
        report("stepStarted", index=index)
        began = time.monotonic()
        values, text = STEPS[step["type"]](spark, step)
        report("stepFinished", index=index, seconds=time.monotonic() - began, values=values, text=text)
    spark.stop()


if __name__ == "__main__":
    try:
        main()
    except JobError as error:
        report("failed", message=str(error))
        sys.exit(1)
    except Exception as error:
        # Report the first line of Spark's long errors. The log has the rest.
        traceback.print_exc()
        report("failed", message=(str(error).strip().splitlines() or [type(error).__name__])[0][:2000])
        sys.exit(1)
