"""What every room stands on: settings, the deployment's description, Redis, the Celery app, logging, words, the taxonomy.

Imports nothing of the other rooms."""
