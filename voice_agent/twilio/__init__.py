"""The carrier: Twilio's webhooks, media stream and REST interface."""
