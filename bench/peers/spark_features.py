"""The user features in PySpark on local[2]. Arguments: raw folder, output folder."""

import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

raw, output = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").config("spark.driver.memory", "8g")
    .config("spark.sql.session.timeZone", "UTC").config("spark.sql.shuffle.partitions", "4").getOrCreate())
spark.sparkContext.setLogLevel("ERROR")
schema = (
    "user_id STRING, event_type STRING, session_id STRING, page_url STRING, device STRING, price DOUBLE,"
    " quantity DOUBLE, duration_ms DOUBLE, timestamp BIGINT")
ts = F.timestamp_millis("timestamp")
hour = F.hour(ts)
events = (
    spark.read.schema(schema).json(f"{raw}/dt=*")
    .where((F.col("timestamp") >= 1743465600000) & (F.col("timestamp") < 1743465600000 + 16 * 86400000)))


def share(condition):
    return F.count(F.when(condition, 1)) / F.count("*")


def kind(name):
    return F.count(F.when(F.col("event_type") == name, 1))


sessions = (
    events.groupBy("user_id", "session_id")
    .agg(((F.max("timestamp") - F.min("timestamp")) / 1000).alias("length"))
    .groupBy("user_id").agg(F.count("*").alias("sessions"), F.avg("length").alias("avg_session_seconds")))
purchase = F.when(F.col("event_type") == "purchase", F.col("price") * F.coalesce("quantity", F.lit(1.0)))
users = events.groupBy("user_id").agg(
    F.count("*").alias("events"), kind("page_view").alias("page_views"), kind("click").alias("clicks"),
    kind("search").alias("searches"), kind("add_to_cart").alias("add_to_carts"), kind("purchase").alias("purchases"),
    F.countDistinct("page_url").alias("distinct_pages"), F.countDistinct(F.to_date(ts)).alias("active_days"),
    F.coalesce(F.sum(purchase), F.lit(0.0)).alias("revenue"),
    F.coalesce(F.avg("duration_ms"), F.lit(0.0)).alias("avg_dwell_ms"),
    share(hour < 6).alias("night_share"), share((hour >= 6) & (hour < 12)).alias("morning_share"),
    share((hour >= 12) & (hour < 18)).alias("afternoon_share"), share(hour >= 18).alias("evening_share"),
    share(F.dayofweek(ts).isin(1, 7)).alias("weekend_share"), share(F.col("device") == "mobile").alias("mobile_share"),
    F.min(ts).alias("first_seen"), F.max(ts).alias("last_seen"))
(
    users.join(sessions, "user_id").withColumn("events_per_session", F.col("events") / F.col("sessions"))
    .write.mode("overwrite").option("compression", "zstd").parquet(output))
